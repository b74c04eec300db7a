#include "th-verify/intake.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "th-verify/clip.h"
#include "th-verify/verify.h"

/* Rows that are taken before signals and children are served again. */
enum { ROWS_AT_ONCE = 256 };

/* What a child works on. */
struct item {
    struct item *next; /* of intake->running */
    struct batch *batch;
    enum level level;
    const char *reference;
};

static void free_item(struct item *item)
{
    batch_free(&item->batch);
    free(item);
}

static void take_out(struct intake *intake, const struct item *item)
{
    struct item **place = &intake->running;

    while (*place && *place != item)
        place = &(*place)->next;
    if (*place)
        *place = item->next;
}

/* Writes the record (stolen), which the report is told of if it is a verdict. */
static void emit(struct intake *intake, json_t *record)
{
    struct record_head head;
    struct error error;

    if (record && !record_read_head(record, &head, &error) && head.stage == STAGE_VERIFY)
        report_take(intake->report, record, &head, true);
    stage_emit(intake->stage, record);
}

static int work(struct job *job, void *item)
{
    const struct item *it = item;

    return verify_clips(job, it->batch->clips, it->batch->count, it->level, it->reference);
}

/* The clip of that name, if its record has not come yet. */
static struct clip **find_clip(const struct item *item, const char *key)
{
    for (size_t i = 0; key && i < item->batch->count; i++)
        if (item->batch->clips[i] && !strcmp(item->batch->clips[i]->key, key))
            return &item->batch->clips[i];
    return NULL;
}

static bool is_open(const json_t *checks, enum level level, const char *check)
{
    return json_is_null(json_object_get(json_object_get(json_object_get(checks, level_names[level]), check), "ok"));
}

/* A clip whose chunk should have been looked at, and could not be. */
static bool is_unproven(const json_t *record)
{
    const json_t *checks = json_object_get(record, "checks");

    return is_open(checks, LEVEL_SOURCE, "match") || is_open(checks, LEVEL_DECODE, "still");
}

static void report(void *self, void *item, json_t *record)
{
    struct intake *intake = self;
    struct clip **clip = find_clip(item, record_text(record, "key"));

    if (!clip)
        return;
    clip_free(clip);
    intake->unproven += is_unproven(record);
    scores_take(&intake->scores, record);
    emit(intake, json_incref(record));
}

static void emit_not_ok(struct intake *intake, const struct clip *clip, enum record_status status,
                        const struct error *error)
{
    emit(intake, clip_record_not_ok(clip->key, clip->path, clip->lineage, status, error));
}

static void emit_all(struct intake *intake, const struct batch *batch, const struct error *error)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->clips[i])
            emit_not_ok(intake, batch->clips[i], STATUS_FAILED, error);
}

/* When a child dies over several clips, each of those that are left is tried on its own, so that only the culprit
 * fails. */
static void ended(void *self, void *item, const struct error *fault)
{
    struct intake *intake = self;
    struct item *it = item;
    struct error error;

    if (!fault)
        error_set(&error, ERROR_CRASHED, "the working process ended without a word");
    if (it->batch->count == 1 || batches_part(&intake->batches, it->batch))
        emit_all(intake, it->batch, fault ? fault : &error);
    take_out(intake, it);
    free_item(it);
}

static const struct job_task task = {.work = work, .report = report, .ended = ended};

/* Has the clips of batch (stolen) verified. */
static void start_batch(struct intake *intake, struct batch *batch)
{
    struct item *item = calloc(1, sizeof *item);
    struct error error;

    if (!item) {
        error_set(&error, ERROR_IO, "out of memory");
        emit_all(intake, batch, &error);
        batch_free(&batch);
        return;
    }
    *item = (struct item){
        .batch = batch, .level = (enum level)intake->settings->level, .reference = intake->settings->reference};
    if (stage_start(intake->stage, &task, item, &error)) {
        emit_all(intake, batch, &error);
        free_item(item);
        return;
    }
    item->next = intake->running;
    intake->running = item;
}

static void start_batches(struct intake *intake, bool all)
{
    struct batch *batch;

    while (!jobs_full(stage_jobs(intake->stage)) && (batch = batches_take(&intake->batches, clock_seconds(), all)))
        start_batch(intake, batch);
}

/* Has the clip (stolen) verified, together with others of its chunk when that is to be decoded. */
static void start(struct intake *intake, struct clip *clip)
{
    const struct settings *settings = intake->settings;
    struct error error = {0};

    if (settings->common.dry_run)
        error_set(&error, ERROR_DRY_RUN, "would be verified");
    else if ((settings->chunks && !clip->source && clip_find_source(clip, settings->chunks)) ||
             batches_add(&intake->batches, clip, settings->level >= LEVEL_SOURCE, clock_seconds()))
        error_set(&error, ERROR_IO, "out of memory");
    if (error.word == ERROR_NONE)
        return;
    emit_not_ok(intake, clip, settings->common.dry_run ? STATUS_SKIPPED : STATUS_FAILED, &error);
    clip_free(&clip);
}

/* What is not a clip, what is proven (unless it is to be scored), and what cannot be proven for want of a clip goes on
 * as it is. */
static bool passes_on(const struct intake *intake, const struct record_head *head)
{
    if (head->kind != KIND_CLIP)
        return true;
    if (head->stage != STAGE_VERIFY)
        return false;
    if (head->status == STATUS_OK)
        return !intake->settings->common.force && !intake->settings->reference;
    return head->status == STATUS_SKIPPED && !head->path;
}

/* The verdict on a clip that th-crop did not make: its own word, and whether a rerun may help. */
static json_t *not_cropped(const struct record_head *head, const json_t *record)
{
    static const char *const members[] = {"error", "retry", NULL};
    static const char prefix[] = "not cropped: ";
    const char *message = record_text(record, "message");
    struct error error;
    json_t *skipped;

    if (!message)
        message = "the record does not say why";
    /* What came back through th-crop says so already. */
    error_set(&error, head->error == ERROR_NONE ? ERROR_IO : head->error, "%s%s",
              strncmp(message, prefix, sizeof prefix - 1) ? prefix : "", message);
    skipped = clip_record_not_ok(head->key, NULL, record, STATUS_SKIPPED, &error);
    record_copy(&skipped, record, members);
    return skipped;
}

static void take_record(struct intake *intake, const struct manifest_line *line)
{
    struct record_head head;
    struct error error;
    struct clip *clip;

    if (record_read_head(line->record, &head, &error)) {
        stage_bad_line(intake->stage, line->file, line->number, &error);
        return;
    }
    report_take(intake->report, line->record, &head, false);
    if (passes_on(intake, &head))
        emit(intake, json_incref(line->record));
    else if (head.stage != STAGE_VERIFY && head.status != STATUS_OK)
        emit(intake, not_cropped(&head, line->record));
    else if (clip_from_record(&clip, line->record, &head, &error))
        emit(intake, clip_record_not_ok(head.key, head.path, line->record, STATUS_FAILED, &error));
    else
        start(intake, clip);
}

static void take_line(void *self, const struct manifest_line *line)
{
    struct intake *intake = self;
    struct error error;
    struct clip *clip;

    if (line->record)
        take_record(intake, line);
    else if (clip_from_path(&clip, line->text, &error))
        stage_bad_line(intake->stage, line->file, line->number, &error);
    else
        start(intake, clip);
}

static bool has_rows(const struct intake *intake)
{
    return intake->list && intake->chunk < intake->list->chunk_count;
}

/* A row from which no clip can be made is skipped, as th-crop's records of it are. */
static void take_row(struct intake *intake)
{
    const struct tube_chunk *chunk = &intake->list->chunks[intake->chunk];
    const struct tube *tube = &intake->list->rows[chunk->first + intake->row].tube;
    char key[NAME_CLIP_MAX + 1];
    struct error error;
    struct clip *clip;

    if (!clip_from_row(&clip, intake->settings->clips, chunk->name, tube, &error)) {
        start(intake, clip);
    } else {
        json_t *lineage = clip_lineage(chunk->name, tube);

        tube_clip_name(chunk->name, tube, key);
        emit(intake, clip_record_not_ok(key, NULL, lineage, STATUS_SKIPPED, &error));
        json_decref(lineage);
    }
    if (++intake->row == chunk->count) {
        intake->chunk++;
        intake->row = 0;
    }
}

static void input_ended(void *self)
{
    struct intake *intake = self;

    intake->has_ended = true;
}

/* True when every clip has its verdict, and only the report is left to do. */
static bool is_verified(const struct intake *intake)
{
    return intake->has_ended && !has_rows(intake) && !intake->batches.count && !intake->running;
}

static void advance(void *self)
{
    struct intake *intake = self;

    for (int i = 0; i < ROWS_AT_ONCE && has_rows(intake) && !jobs_full(stage_jobs(intake->stage)); i++) {
        take_row(intake);
        start_batches(intake, false);
    }
    start_batches(intake, intake->has_ended && !has_rows(intake));
    if (is_verified(intake))
        report_advance(intake->report);
}

static bool is_busy(void *self)
{
    const struct intake *intake = self;

    return has_rows(intake) || intake->batches.count || report_is_due(intake->report);
}

/* There is nothing to wait for while a row can be taken. */
static int wait_for_events(void *self, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct intake *intake = self;

    if (has_rows(intake) && !jobs_full(stage_jobs(intake->stage)))
        timeout_ms = 0;
    else if (is_verified(intake))
        timeout_ms = report_timeout(intake->report, timeout_ms);
    return poll(fds, count, timeout_ms);
}

int intake_begin(struct intake *intake)
{
    const struct settings *settings = intake->settings;

    intake->report = report_alloc(settings, intake->stage);
    if (!intake->report)
        return -1;
    return scores_begin(&intake->scores, settings->common.dry_run ? NULL : settings->scores,
                        stage_console(intake->stage));
}

int intake_end(struct intake *intake, int status)
{
    bool is_whole = status == EXIT_DONE || status == EXIT_SOME_FAILED || status == EXIT_TRY_AGAIN;
    struct console *console = stage_console(intake->stage);

    if (!scores_end(&intake->scores, is_whole, console))
        status = EXIT_CANNOT;
    else if (status == EXIT_DONE && intake->scores.unscored)
        status = EXIT_SOME_FAILED;
    /* What was being looked at when the stage was stopped. */
    while (intake->running) {
        struct item *item = intake->running;

        intake->running = item->next;
        free_item(item);
    }
    report_free(&intake->report);
    batches_clear(&intake->batches);
    if (intake->unproven)
        console_say(console, CONSOLE_WARNING, "%zu clips could not be held against their chunks; their records say why",
                    intake->unproven);
    return status;
}

const struct stage_program intake_program = {.counts = KIND_CLIP,
                                             .take = take_line,
                                             .input_ended = input_ended,
                                             .advance = advance,
                                             .busy = is_busy,
                                             .wait = wait_for_events};
