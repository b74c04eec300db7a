#include "th-verify/schedule.h"

#include <string.h>

#include "common/clock.h"
#include "th-verify/job.h"
#include "th-verify/record.h"

void verify_schedule_emit(struct verify_schedule *schedule, json_t *record)
{
    struct record_head head;
    struct error error;

    if (record && !record_read_head(record, &head, &error) && head.stage == STAGE_VERIFY)
        report_add(schedule->report, record, &head, true);
    stage_emit(schedule->stage, record);
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
    batch_free(&batch);
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

static void take_record(void *owner, void *item, json_t *record)
{
    struct batch *batch = item;
    struct verify_schedule *schedule = batch->schedule;
    struct clip **clip = find_clip(batch, record_text(record, "key"));
    const json_t *checks = json_object_get(record, "checks");

    (void)owner;
    if (!clip)
        return;
    clip_free(clip);
    schedule->unproven += is_unknown(checks, LEVEL_SOURCE, "match") || is_unknown(checks, LEVEL_DECODE, "still");
    score_table_add(&schedule->scores, record);
    verify_schedule_emit(schedule, json_incref(record));
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
    if (batch->count > 1 && !batch_queue_split(&batch->schedule->waiting, batch))
        batch_free(&batch);
    else
        fail_batch(batch, fault ? fault : &error);
}

static const struct job_task task = {.work = work_on_batch, .report = take_record, .ended = end_batch};

void verify_schedule_start(struct verify_schedule *schedule, bool all)
{
    struct error error;
    struct batch *batch;

    while (!jobs_full(stage_jobs(schedule->stage)) &&
           (batch = batch_queue_next(&schedule->waiting, clock_seconds(), all))) {
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
    else if ((settings->chunks && !clip->source && clip_find_source(clip, settings->chunks)) ||
             batch_queue_add(&schedule->waiting, clip, settings->level >= LEVEL_SOURCE, clock_seconds()))
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
    while (schedule->running) {
        struct batch *next = schedule->running->next;

        batch_free(&schedule->running);
        schedule->running = next;
    }
    report_free(&schedule->report);
    batch_queue_clear(&schedule->waiting);
    if (schedule->unproven)
        console_say(console, CONSOLE_WARNING,
                    "%zu clips could not be compared with their chunks; their records say why", schedule->unproven);
    return status;
}
