#include "th-fetch/steps/steps.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "th-fetch/record.h"
#include "th-fetch/selection.h"
#include "th-fetch/sidecar/tombstone.h"
#include "th-fetch/steps/step.h"

enum { NEVER_STALLS = 1000000 /* seconds, nearly two weeks */ };

static const struct step *const table[STEP_COUNT] = {
    [ITEM_LOOK] = &step_look,     [ITEM_RESOLVE] = &step_resolve,   [ITEM_DOWNLOAD] = &step_download,
    [ITEM_NEEDED] = &step_needed, [ITEM_SEGMENTS] = &step_segments, [ITEM_PROBE] = &step_probe,
};

void steps_downloaded(struct item *item)
{
    const struct answer_media *sound = item->answer ? &item->answer->audio : NULL;
    bool needs_sound = sound && item_media(item) != sound && (sound->url || sound->segments);

    if (needs_sound) {
        item->video_part = item->part;
        item->part = NULL;
        item->furthest = 0;
    }
    item->step = !needs_sound ? ITEM_PROBE : sound->segments ? ITEM_SEGMENTS : ITEM_DOWNLOAD;
    item->retrieved = time(NULL);
}

int steps_credit(struct steps *steps, const json_t *record, struct error *error)
{
    return steps->credits && record ? credits_add(steps->credits, record, error) : 0;
}

static void finish(struct steps *steps, struct item *item, json_t *record)
{
    item->step = ITEM_DONE;
    item_close_parts(item);
    stage_emit(steps->stage, record);
}

void steps_finish(struct steps *steps, struct item *item, json_t *record)
{
    room_leave(&steps->room, item->input.id);
    finish(steps, item, record);
}

void steps_finish_kept(struct steps *steps, struct item *item, json_t *record)
{
    room_set(&steps->room, item->input.id, json_integer_value(json_object_get(record, "bytes")));
    finish(steps, item, record);
}

void steps_finish_video(struct steps *steps, struct item *item, json_t *record)
{
    const char *dir = steps->settings->common.output;

    item_close_parts(item);
    part_clear(&(struct part_name){dir, item->input.id, ".mp4"});
    part_clear(&(struct part_name){dir, item->input.id, ".m4a"});
    steps_finish_kept(steps, item, record);
}

void steps_finish_not_ok(struct steps *steps, struct item *item, const struct error *error, bool was_tried)
{
    steps_finish(steps, item, fetch_record_not_ok(item, error, was_tried));
}

void steps_leave_guest(struct steps *steps, struct item *item)
{
    if (item->is_asking)
        guest_ended(&steps->guest);
    item->is_asking = false;
}

static void finish_silent(struct steps *steps, struct item *item, const struct error *error)
{
    json_t *record = steps_silent_record(item, error);

    steps_keep_silent(steps, record);
    steps_finish_video(steps, item, record);
}

static void end_failed(struct steps *steps, struct item *item, const struct error *error)
{
    room_leave(&steps->room, item->input.id);
    if (item->is_held)
        steps_hold(steps, item, error);
    else if (item->silent && error_word_class(error->word) == ERROR_CLASS_PERMANENT)
        finish_silent(steps, item, error);
    else
        steps_finish_not_ok(steps, item, error, true);
}

void steps_retry(struct steps *steps, struct item *item, const struct verdict *verdict, enum item_step again)
{
    part_close(&item->part);
    if (!retry_again(&steps->retry, item, verdict, again))
        end_failed(steps, item, &verdict->error);
    else if (item->step == ITEM_RESOLVE) {
        item_close_parts(item);
        item->must_copy = false;
        answer_free(&item->answer);
    }
}

void steps_fail(struct steps *steps, struct item *item, const struct error *error, enum item_step again)
{
    struct verdict verdict;

    policy_local(error, &verdict);
    steps_retry(steps, item, &verdict, again);
}

static int keep_report(void *owner, void *context, json_t *record)
{
    struct item *item = context;

    (void)owner;
    json_decref(item->report);
    item->report = json_incref(record);
    return 0;
}

static void job_ended(void *owner, void *context, const struct error *fault)
{
    struct item *item = context;

    (void)owner;
    item->is_running = false;
    table[item->step]->ended(item->steps, item, fault);
}

static bool needs_source(const struct item *item)
{
    return item->step != ITEM_DONE && table[item->step]->asks_source && !item_is_local(item);
}

static enum step_start start_step(struct steps *steps, struct item *item, struct error *error)
{
    const struct step *step = table[item->step];
    enum step_start result = STEP_STARTED;

    if (step->job.work && jobs_full(stage_jobs(steps->stage)))
        return STEP_WAITS;
    if (step->start)
        result = step->start(steps, item, error);
    if (result != STEP_STARTED || !step->job.work)
        return result;
    json_decref(item->report);
    item->report = NULL;
    return jobs_start(stage_jobs(steps->stage), &steps->jobs[item->step], item, error) < 0 ? STEP_FAILED : STEP_STARTED;
}

/* Starts the item's step unless it has to wait. */
static void start_when_due(struct steps *steps, struct item *item)
{
    struct error error = {0};

    item->wake = INFINITY;
    if (needs_source(item) && steps_stopped(steps, item)) {
        steps_finish_not_ok(steps, item, steps_stopped(steps, item), item->tries > 0);
        return;
    }
    if (retry_has_given_up(&steps->retry) && needs_source(item)) {
        error_set(&error, ERROR_RATE_LIMITED, "the source has refused too many requests in a row");
        steps_finish_not_ok(steps, item, &error, item->tries > 0);
        return;
    }
    if (item->not_before > clock_seconds()) {
        item->wake = item->not_before;
        return;
    }
    switch (start_step(steps, item, &error)) {
    case STEP_STARTED:
        item->is_running = true;
        break;
    case STEP_WAITS:
        break;
    case STEP_FAILED:
        steps_leave_guest(steps, item);
        /* A request that was allowed may not have been sent. */
        retry_ended(&steps->retry, item, &(struct verdict){.kind = POLICY_RETRY}, PACE_NO_ANSWER);
        steps_fail(steps, item, &error, item->step);
        break;
    }
}

/* Runs that share the pace of one address begin one after the other, `gap` seconds apart. */
static double first_start(const struct fetch_settings *settings, double gap)
{
    struct shard shard = {0, 1};
    struct error error;

    if (settings->shard && selection_read_shard(settings->shard, &shard, &error) < 0)
        shard.index = 0; /* selection_alloc reports it */
    return clock_seconds() + (double)(shard.index % settings->parallel_runs) * gap;
}

int steps_alloc(struct steps **out, const struct fetch_settings *settings, struct console *console, struct error *error)
{
    struct steps *steps = calloc(1, sizeof *steps);
    *out = NULL;
    if (!steps)
        return error_set(error, ERROR_IO, "out of memory");
    struct policy_limits limits = {.retries = (int)settings->retries, .delay = settings->retry_delay};
    double gap = fmax(settings->sleep_interval, 0), runs = (double)settings->parallel_runs;
    struct pace_limits pace = {.first = first_start(settings, gap),
                               .min_gap = gap * runs,
                               .max_gap = settings->max_sleep_interval * runs,
                               .pause = settings->pause,
                               .max_pauses = (int)settings->max_pauses};

    steps->settings = settings;
    steps->room.fd = -1;
    steps->warned = json_object();
    steps->console = console;
    if (settings->min_height && height_read_limit(settings->min_height, &steps->min_height, error) < 0) {
        steps_free(&steps);
        return -1;
    }
    retry_init(&steps->retry, &limits, &pace, console);
    guest_init(&steps->guest, settings->parallel_runs, first_start(settings, GUEST_GAP));
    space_init(&steps->space, settings->common.output, settings->min_free, console);
    if (room_init(&steps->room, settings->recheck ? 0 : settings->max_disk, settings->finished, console, error) < 0) {
        steps_free(&steps);
        return -1;
    }
    for (size_t i = 0; i < STEP_COUNT; i++) {
        steps->jobs[i] = table[i]->job;
        steps->jobs[i].report = keep_report;
        steps->jobs[i].ended = job_ended;
    }
    for (enum streak_source source = 0; source < STREAK_SOURCES; source++)
        streak_init(&steps->streaks[source], source, STREAK_PATIENCE * settings->retry_delay);
    steps->jobs[ITEM_RESOLVE].stall_timeout = settings->resolver_timeout;
    steps->jobs[ITEM_SEGMENTS].stall_timeout = settings->low_speed_time > 0 ? settings->low_speed_time : NEVER_STALLS;
    steps->transfers = transfers_alloc(settings, &steps->space, step_download_began, step_download_ended, steps);
    if (!steps->transfers)
        error_set(error, ERROR_IO, "libcurl cannot be set up");
    if (!steps->transfers || resolver_alloc(&steps->resolver, settings, error) < 0 ||
        (settings->attribution && !settings->common.dry_run &&
         credits_alloc(&steps->credits, settings->attribution, error) < 0)) {
        steps_free(&steps);
        return -1;
    }
    step_version_init(steps);
    *out = steps;
    return 0;
}

void steps_free(struct steps **steps)
{
    if (!*steps)
        return;
    transfers_free(&(*steps)->transfers);
    resolver_free(&(*steps)->resolver);
    room_clear(&(*steps)->room);
    steps_drop_held(*steps);
    credits_free(&(*steps)->credits);
    json_decref((*steps)->version.report);
    json_decref((*steps)->warned);
    free(*steps);
    *steps = NULL;
}

int steps_complete(struct steps *steps, struct error *error)
{
    return steps->credits ? credits_finish(steps->credits, error) : 0;
}

void steps_set_tubes(struct steps *steps, const struct tube_list *tubes)
{
    steps->tubes = tubes;
}

void steps_set_stage(struct steps *steps, struct stage *stage)
{
    steps->stage = stage;
}

void steps_begin_download(struct steps *steps, struct item *item)
{
    struct error error;

    item->step = item_first_step(item);
    if (steps->settings->license == LICENSE_CC && item->input.is_direct) {
        error_set(&error, ERROR_LICENSE_UNKNOWN, "there is no page that states the licence");
        steps_finish_not_ok(steps, item, &error, false);
    } else if (steps->settings->common.dry_run) {
        error_set(&error, ERROR_DRY_RUN, "would be downloaded from %.300s", item->input.shown_url);
        steps_finish_not_ok(steps, item, &error, false);
    }
}

bool steps_want_parts(const struct steps *steps, const struct item *item)
{
    return steps->settings->needed && !item->whole;
}

static void adopt(struct steps *steps, struct item *item)
{
    item->steps = steps;
    if (steps->settings->needed && steps->settings->audio)
        item_need_whole(item, "its sound is joined to it");
    item->is_guest =
        fetch_options_are_polite(steps->settings) && !item->input.is_direct && guest_is_youtube(item->input.url);
}

/* 0 when the video may be looked at or downloaded, otherwise -1 and error: a link that leads nowhere, or one that
 * --force would replace. The file that a link names belongs to an archive, and so does the link. */
static int check_link(const struct steps *steps, const struct item *item, struct error *error)
{
    struct stat facts;

    if (!item_is_link(item))
        return 0;
    if (stat(item->path, &facts) < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(error, ERROR_IO, "%.300s is a link to a missing file", item->path);
    if (steps->settings->common.force)
        return error_set(error, ERROR_IO, "%.300s is a link, and --force replaces none; remove it first", item->path);
    return 0;
}

void steps_begin(struct steps *steps, struct item *item)
{
    struct stat facts;
    struct error error;

    adopt(steps, item);
    if (tombstone_check(steps->settings->common.output, item->input.id, &error) < 0) {
        steps_finish_not_ok(steps, item, &error, false);
        return;
    }
    if (check_link(steps, item, &error) < 0) {
        steps_finish_not_ok(steps, item, &error, true);
        return;
    }
    item->must_restart = steps->settings->common.force;
    if (!steps->settings->common.force && lstat(item->path, &facts) == 0)
        item->step = ITEM_LOOK;
    else if (!steps->settings->common.force && steps_want_parts(steps, item) && access(item->needed_path, F_OK) == 0)
        item->step = ITEM_NEEDED;
    else if (steps->settings->common.force || !step_look_discarded(steps, item))
        steps_begin_download(steps, item);
    if (item->step == ITEM_LOOK || item->step == ITEM_NEEDED)
        (void)steps_count_file(steps, item);
}

void steps_begin_check(struct steps *steps, struct item *item, bool was_here)
{
    struct stat facts;
    struct error error = {0};
    /* Also a link to a missing file. */
    bool is_here =
        stat(item->path, &facts) == 0 || lstat(item->path, &facts) == 0 || stat(item->needed_path, &facts) == 0;

    adopt(steps, item);
    item->step = ITEM_RESOLVE;
    if (!is_here && !was_here)
        error_set(&error, ERROR_NOT_SELECTED, "the video is not there");
    else if (item->input.is_direct)
        error_set(&error, ERROR_NOT_SELECTED, "the video has no page that can be checked");
    else if (steps->settings->common.dry_run)
        error_set(&error, ERROR_DRY_RUN, "would be checked at %.300s", item->input.shown_url);
    if (error.word != ERROR_NONE) {
        steps_finish_not_ok(steps, item, &error, false);
        return;
    }
    item->checked = time(NULL);
    item->retrieved = is_here ? facts.st_mtime : 0;
}

void steps_advance(struct steps *steps, struct item *item)
{
    enum item_step before;

    do {
        before = item->step;
        if (item->step != ITEM_DONE && !item->is_running)
            start_when_due(steps, item);
    } while (item->step != before);
    steps_grow(steps, item);
    if (!needs_source(item))
        retry_leave(&steps->retry, item);
}
