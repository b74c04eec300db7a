#include "th-verify/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "th-verify/job.h"

/* What a child works on. */
struct item {
    struct item *next; /* of schedule->running */
    struct verify_schedule *schedule;
    struct batch *batch;
};

static void free_item(struct item *item)
{
    batch_free(&item->batch);
    free(item);
}

/* Takes the item off the list of those that run. */
static void unlink_item(const struct item *item)
{
    struct item **place = &item->schedule->running;

    while (*place && *place != item)
        place = &(*place)->next;
    if (*place)
        *place = item->next;
}

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

static void emit_failed(struct verify_schedule *schedule, const struct batch *batch, const struct error *error)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->clips[i])
            emit_not_ok(schedule, batch->clips[i], STATUS_FAILED, error);
}

static int work(struct job *job, void *item)
{
    const struct item *it = item;
    const struct verify_settings *settings = it->schedule->settings;

    return verify_job_run(job, it->batch->clips, it->batch->count, (enum level)settings->level, settings->reference);
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
    return json_is_null(
        json_object_get(json_object_get(json_object_get(checks, check_level_names[level]), check), "ok"));
}

/* A clip whose chunk should have been looked at, and could not be. */
static bool is_unproven(const json_t *record)
{
    const json_t *checks = json_object_get(record, "checks");

    return is_open(checks, LEVEL_SOURCE, "match") || is_open(checks, LEVEL_DECODE, "still");
}

static void report(void *owner, void *item, json_t *record)
{
    const struct item *it = item;
    struct verify_schedule *schedule = it->schedule;
    struct clip **clip = find_clip(it, record_text(record, "key"));

    (void)owner;
    if (!clip)
        return;
    clip_free(clip);
    schedule->unproven += is_unproven(record);
    score_table_add(&schedule->scores, record);
    verify_schedule_emit(schedule, json_incref(record));
}

/* When a child dies over several clips, each of those that are left is tried on its own, so that only the culprit
 * fails. */
static void ended(void *owner, void *item, const struct error *fault)
{
    struct item *it = item;
    struct verify_schedule *schedule = it->schedule;
    struct error error;

    (void)owner;
    if (!fault)
        error_set(&error, ERROR_CRASHED, "the working process ended without a word");
    if (it->batch->count == 1 || batch_queue_split(&schedule->batches, it->batch))
        emit_failed(schedule, it->batch, fault ? fault : &error);
    unlink_item(it);
    free_item(it);
}

static const struct job_task task = {.work = work, .report = report, .ended = ended};

/* Has the clips of batch (stolen) verified. */
static void start_batch(struct verify_schedule *schedule, struct batch *batch)
{
    struct item *item = calloc(1, sizeof *item);
    struct error error;

    if (!item) {
        error_set(&error, ERROR_IO, "out of memory");
        emit_failed(schedule, batch, &error);
        batch_free(&batch);
        return;
    }
    *item = (struct item){.schedule = schedule, .batch = batch};
    if (stage_start(schedule->stage, &task, item, &error)) {
        emit_failed(schedule, batch, &error);
        free_item(item);
        return;
    }
    item->next = schedule->running;
    schedule->running = item;
}

void verify_schedule_start(struct verify_schedule *schedule, bool all)
{
    struct batch *batch;

    while (!jobs_full(stage_jobs(schedule->stage)) &&
           (batch = batch_queue_next(&schedule->batches, clock_seconds(), all)))
        start_batch(schedule, batch);
}

void verify_schedule_add(struct verify_schedule *schedule, struct clip *clip)
{
    const struct verify_settings *settings = schedule->settings;
    struct error error = {0};

    if (settings->common.dry_run)
        error_set(&error, ERROR_DRY_RUN, "would be verified");
    else if ((settings->chunks && !clip->source && clip_find_source(clip, settings->chunks)) ||
             batch_queue_add(&schedule->batches, clip, settings->level >= LEVEL_SOURCE, clock_seconds()))
        error_set(&error, ERROR_IO, "out of memory");
    if (error.word == ERROR_NONE)
        return;
    emit_not_ok(schedule, clip, settings->common.dry_run ? STATUS_SKIPPED : STATUS_FAILED, &error);
    clip_free(&clip);
}

bool verify_schedule_is_idle(const struct verify_schedule *schedule)
{
    return !schedule->batches.count && !schedule->running;
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
    /* What was being looked at when the stage was stopped. */
    while (schedule->running) {
        struct item *item = schedule->running;

        schedule->running = item->next;
        free_item(item);
    }
    report_free(&schedule->report);
    batch_queue_clear(&schedule->batches);
    if (schedule->unproven)
        console_say(console, CONSOLE_WARNING, "%zu clips could not be held against their chunks; their records say why",
                    schedule->unproven);
    return status;
}
