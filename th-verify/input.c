#include "th-verify/input.h"

#include <string.h>

/* Rows that are taken before signals and children are served again. */
enum { ROWS_AT_ONCE = 256 };

/* What is not a clip, what is proven (unless it is to be scored), and what cannot be proven for want of a clip goes on
 * as it is. */
static bool passes_on(const struct intake *intake, const struct record_head *head)
{
    if (head->kind != KIND_CLIP)
        return true;
    if (head->stage != STAGE_VERIFY)
        return false;
    if (head->status == STATUS_OK)
        return !intake->dispatch->settings->common.force && !intake->dispatch->settings->reference;
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
        stage_bad_line(intake->dispatch->stage, line->file, line->number, &error);
        return;
    }
    report_take(intake->dispatch->report, line->record, &head, false);
    if (passes_on(intake, &head))
        dispatch_emit(intake->dispatch, json_incref(line->record));
    else if (head.stage != STAGE_VERIFY && head.status != STATUS_OK)
        dispatch_emit(intake->dispatch, not_cropped(&head, line->record));
    else if (clip_from_record(&clip, line->record, &head, &error))
        dispatch_emit(intake->dispatch, clip_record_not_ok(head.key, head.path, line->record, STATUS_FAILED, &error));
    else
        dispatch_clip(intake->dispatch, clip);
}

static void take_line(void *self, const struct manifest_line *line)
{
    struct intake *intake = self;
    struct error error;
    struct clip *clip;

    if (line->record)
        take_record(intake, line);
    else if (clip_from_path(&clip, line->text, &error))
        stage_bad_line(intake->dispatch->stage, line->file, line->number, &error);
    else
        dispatch_clip(intake->dispatch, clip);
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

    if (!clip_from_row(&clip, intake->dispatch->settings->clips, chunk->name, tube, &error)) {
        dispatch_clip(intake->dispatch, clip);
    } else {
        json_t *lineage = clip_lineage(chunk->name, tube);

        tube_clip_name(chunk->name, tube, key);
        dispatch_emit(intake->dispatch, clip_record_not_ok(key, NULL, lineage, STATUS_SKIPPED, &error));
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
    return intake->has_ended && !has_rows(intake) && dispatch_is_idle(intake->dispatch);
}

static void advance(void *self)
{
    struct intake *intake = self;

    for (int i = 0; i < ROWS_AT_ONCE && has_rows(intake) && !jobs_full(stage_jobs(intake->dispatch->stage)); i++) {
        take_row(intake);
        dispatch_advance(intake->dispatch, false);
    }
    dispatch_advance(intake->dispatch, intake->has_ended && !has_rows(intake));
    if (is_verified(intake))
        report_advance(intake->dispatch->report);
}

static bool is_busy(void *self)
{
    const struct intake *intake = self;

    return has_rows(intake) || intake->dispatch->batches.count || report_is_due(intake->dispatch->report);
}

/* There is nothing to wait for while a row can be taken. */
static int wait_for_events(void *self, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct intake *intake = self;

    if (has_rows(intake) && !jobs_full(stage_jobs(intake->dispatch->stage)))
        timeout_ms = 0;
    else if (is_verified(intake))
        timeout_ms = report_timeout(intake->dispatch->report, timeout_ms);
    return poll(fds, count, timeout_ms);
}

const struct stage_program intake_program = {.counts = KIND_CLIP,
                                             .take = take_line,
                                             .input_ended = input_ended,
                                             .advance = advance,
                                             .busy = is_busy,
                                             .wait = wait_for_events};
