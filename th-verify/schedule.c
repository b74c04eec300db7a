#include "th-verify/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/cut/chunk_range.h"
#include "common/cut/partial_file.h"
#include "th-verify/job.h"
#include "th-verify/record.h"

static const double quiet = 5; /* seconds */

/* A new batch of the clip (stolen on success), at the end. */
static int append(struct batch_queue *batches, struct clip *clip, bool is_ready, double time)
{
    struct batch **end = &batches->first, *batch = calloc(1, sizeof *batch);

    if (!batch)
        return -1;
    batch->clips[batch->count++] = clip;
    batch->is_ready = is_ready;
    batch->touched = time;
    while (*end)
        end = &(*end)->next;
    *end = batch;
    batches->count++;
    return 0;
}

int verify_schedule_gather(struct batch_queue *batches, struct clip *clip, bool gather, double time)
{
    if (!gather || !clip->source)
        return append(batches, clip, true, time);
    for (struct batch *batch = batches->first; batch; batch = batch->next) {
        if (batch->is_ready || strcmp(batch->clips[0]->source, clip->source) != 0)
            continue;
        batch->clips[batch->count++] = clip;
        batch->is_ready = batch->count == BATCH_MAX;
        batch->touched = time;
        return 0;
    }
    return append(batches, clip, false, time);
}

int verify_schedule_split(struct batch_queue *batches, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        if (!batch->clips[i])
            continue;
        if (append(batches, batch->clips[i], true, 0))
            return -1;
        batch->clips[i] = NULL;
    }
    return 0;
}

struct batch *verify_schedule_next(struct batch_queue *batches, double time, bool all)
{
    struct batch **oldest = &batches->first, *taken;

    for (struct batch **place = &batches->first; *place; place = &(*place)->next) {
        struct batch *batch = *place;

        if (batch->is_ready || all || time - batch->touched >= quiet) {
            oldest = place;
            break;
        }
        if (batch->touched < (*oldest)->touched)
            oldest = place;
    }
    taken = *oldest;
    if (!taken || !(taken->is_ready || all || time - taken->touched >= quiet || batches->count > batches->limit))
        return NULL;
    *oldest = taken->next;
    taken->next = NULL;
    batches->count--;
    return taken;
}

void verify_schedule_free(struct batch **batch)
{
    if (!*batch)
        return;
    for (size_t i = 0; i < (*batch)->count; i++)
        clip_free(&(*batch)->clips[i]);
    free(*batch);
    *batch = NULL;
}

/* Frees the batches of a list and makes it empty. */
static void free_batches(struct batch **first)
{
    while (*first) {
        struct batch *next = (*first)->next;

        verify_schedule_free(first);
        *first = next;
    }
}

void verify_schedule_clear(struct batch_queue *batches)
{
    free_batches(&batches->first);
    batches->count = 0;
}

void verify_schedule_emit(struct verify_schedule *schedule, json_t *record)
{
    struct record_head head;
    struct error error;

    bool is_verdict = record && !record_read_head(record, &head, &error) && head.stage == STAGE_VERIFY;

    if (is_verdict)
        report_add(schedule->report, record, &head, true);
    stage_emit(schedule->stage, json_incref(record));
    /* After the record is written, because another program may then remove what the clip was made from. */
    if (is_verdict && finished_add(schedule->finished, record, &head, &error))
        console_say(stage_console(schedule->stage), CONSOLE_WARNING, "%s", error.message);
    json_decref(record);
}

static void emit_not_ok(struct verify_schedule *schedule, const struct clip *clip, enum record_status status,
                        const struct error *error)
{
    verify_schedule_emit(schedule, verify_record_not_ok(clip->key, clip->path, clip->lineage, status, error));
}

/* Fails the clips of batch (stolen) that have no record yet. */
static void fail_batch(struct batch *batch, const struct error *error)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->clips[i])
            emit_not_ok(batch->schedule, batch->clips[i], STATUS_FAILED, error);
    verify_schedule_free(&batch);
}

static int work_on_batch(struct job *job, void *item)
{
    const struct batch *batch = item;
    const struct verify_settings *settings = batch->schedule->settings;

    return verify_job_run(job, batch->clips, batch->count, (enum level)settings->level, settings->reference);
}

/* The clip of that name, if its record has not come yet. */
static struct clip **find_clip(struct batch *batch, const char *key)
{
    for (size_t i = 0; key && i < batch->count; i++)
        if (batch->clips[i] && !strcmp(batch->clips[i]->key, key))
            return &batch->clips[i];
    return NULL;
}

static bool is_unknown(const json_t *checks, enum level level, const char *check)
{
    return json_is_null(
        json_object_get(json_object_get(json_object_get(checks, check_level_names[level]), check), "ok"));
}

/* Whether record is of that clip. */
static bool is_of_clip(const json_t *record, const struct clip *clip)
{
    struct record_head head;
    struct error ignored;

    return !record_read_head(record, &head, &ignored) && head.stage == STAGE_VERIFY && head.kind == KIND_CLIP &&
           (!head.path || (clip->path && !strcmp(head.path, clip->path)));
}

static int take_record(void *owner, void *item, json_t *record)
{
    struct batch *batch = item;
    struct verify_schedule *schedule = batch->schedule;
    struct clip **clip = find_clip(batch, record_text(record, "key"));
    const json_t *checks = json_object_get(record, "checks");

    (void)owner;
    if (!clip || !is_of_clip(record, *clip))
        return -1;
    clip_free(clip);
    schedule->unproven += is_unknown(checks, LEVEL_SOURCE, "match") || is_unknown(checks, LEVEL_DECODE, "still");
    score_table_add(&schedule->scores, record);
    verify_schedule_emit(schedule, json_incref(record));
    return 0;
}

/* When a child dies over several clips, each clip without a record is tried in a child of its own, so that only the one
 * that kills it fails. */
static void end_batch(void *owner, void *item, const struct error *fault)
{
    struct batch *batch = item, **place = &batch->schedule->running;
    struct error error;

    (void)owner;
    while (*place != batch)
        place = &(*place)->next;
    *place = batch->next;
    if (!fault)
        error_set(&error, ERROR_CRASHED, "the child process ended without reporting a record");
    if (batch->count > 1 && !verify_schedule_split(&batch->schedule->waiting, batch))
        verify_schedule_free(&batch);
    else
        fail_batch(batch, fault ? fault : &error);
}

static bool access_files(const void *item, struct sandbox *sandbox)
{
    const struct batch *batch = item;

    for (size_t i = 0; i < batch->count; i++) {
        sandbox_read(sandbox, batch->clips[i]->path);
        if (batch->clips[i]->source)
            partial_file_allow(chunk_range_path(batch->clips[i]->source), sandbox);
    }
    sandbox_read(sandbox, batch->schedule->settings->reference);
    return true;
}

static const struct job_task task = {
    .work = work_on_batch, .access = access_files, .report = take_record, .ended = end_batch};

void verify_schedule_start(struct verify_schedule *schedule, bool all)
{
    struct error error;
    struct batch *batch;

    while (!jobs_full(stage_jobs(schedule->stage)) &&
           (batch = verify_schedule_next(&schedule->waiting, clock_seconds(), all))) {
        batch->schedule = schedule;
        if (jobs_start(stage_jobs(schedule->stage), &task, batch, &error)) {
            fail_batch(batch, &error);
            continue;
        }
        batch->next = schedule->running;
        schedule->running = batch;
    }
}

void verify_schedule_add(struct verify_schedule *schedule, struct clip *clip)
{
    const struct verify_settings *settings = schedule->settings;
    struct error error = {0};

    if (settings->common.dry_run)
        error_set(&error, ERROR_DRY_RUN, "would be verified");
    else if (settings->level >= LEVEL_SOURCE && json_is_true(json_object_get(clip->lineage, "discarded")))
        error_set(&error, ERROR_NOT_FETCHED, "the video was discarded, and the clip may have changed since it passed");
    else if ((settings->chunks && !clip->source && clip_find_source(clip, settings->chunks)) ||
             verify_schedule_gather(&schedule->waiting, clip, settings->level >= LEVEL_SOURCE, clock_seconds()))
        error_set(&error, ERROR_IO, "out of memory");
    if (error.word == ERROR_NONE)
        return;
    emit_not_ok(schedule, clip, settings->common.dry_run ? STATUS_SKIPPED : STATUS_FAILED, &error);
    clip_free(&clip);
}

bool verify_schedule_is_idle(const struct verify_schedule *schedule)
{
    return !schedule->waiting.count && !schedule->running;
}

int verify_schedule_open(struct verify_schedule *schedule)
{
    const struct verify_settings *settings = schedule->settings;

    schedule->report = report_alloc(settings, schedule->stage);
    if (!schedule->report)
        return -1;
    return score_table_open(&schedule->scores, settings->common.dry_run ? NULL : settings->scores,
                            stage_console(schedule->stage));
}

int verify_schedule_close(struct verify_schedule *schedule, int status)
{
    bool is_whole = status == EXIT_DONE || status == EXIT_SOME_FAILED || status == EXIT_TRY_AGAIN;
    struct console *console = stage_console(schedule->stage);

    if (!score_table_close(&schedule->scores, is_whole, console))
        status = EXIT_CANNOT;
    else if (status == EXIT_DONE && schedule->scores.unscored)
        status = EXIT_SOME_FAILED;
    /* Batches run on only when the stage was stopped. */
    free_batches(&schedule->running);
    report_free(&schedule->report);
    finished_close(&schedule->finished);
    verify_schedule_clear(&schedule->waiting);
    if (schedule->unproven)
        console_say(console, CONSOLE_WARNING,
                    "%zu clips could not be compared with their chunks; their records say why", schedule->unproven);
    return status;
}
