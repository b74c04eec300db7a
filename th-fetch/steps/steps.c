#include "th-fetch/steps/steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "th-fetch/records/tombstone.h"
#include "th-fetch/source/local.h"
#include "th-fetch/steps/steps_internal.h"

/* Whether a step could be started. */
enum start {
    START_DONE,
    START_WAITS, /* for its time (item->wake), or for a place */
    START_FAILED
};

static enum start start_job(struct steps *steps, struct item *item, const struct job_task *task, struct error *error)
{
    json_decref(item->report);
    item->report = NULL;
    return stage_start(steps->stage, task, item, error) < 0 ? START_FAILED : START_DONE;
}

static enum start start_look(struct steps *steps, struct item *item, struct error *error)
{
    if (jobs_full(stage_jobs(steps->stage)))
        return START_WAITS;
    return start_job(steps, item, &steps->look_task, error);
}

static enum start start_resolve(struct steps *steps, struct item *item, struct error *error)
{
    if (jobs_full(stage_jobs(steps->stage)) || steps->is_stopped)
        return START_WAITS;
    if (resolver_check(steps->resolver, error) < 0) {
        steps->is_stopped = true;
        console_say(steps->console, CONSOLE_ERROR, "%s", error->message);
        stage_stop(steps->stage, EXIT_CANNOT);
        return START_WAITS;
    }
    if (!retry_may_request(&steps->retry, item))
        return START_WAITS;
    return start_job(steps, item, &steps->resolve_task, error);
}

/* Whether the part holds all bytes already: the run before was killed between download and probe. */
static bool is_complete(const struct part *part)
{
    return part_total(part) > 0 && part_size(part) == part_total(part);
}

/* The resolver has downloaded the file itself. */
static enum start take_file(struct item *item, struct error *error)
{
    int taken = part_take(item->part, item->answer->path, error);

    if (taken < 0)
        return START_FAILED;
    item->copy_from = taken > 0 ? item->answer->path : NULL;
    steps_transferred(item);
    return START_WAITS;
}

static enum start start_transfer(struct steps *steps, struct item *item, struct error *error)
{
    const struct answer_media none = {0};
    const struct answer_media *media = &none;
    if (item->answer)
        media = item->silent ? &item->answer->audio : &item->answer->media;
    struct transfer_request request = {.url = media->url ? media->url : item->target.url,
                                       .headers = media->headers,
                                       .piece = media->piece,
                                       .may_be_file = item_is_local(item)};
    const struct common_settings *common = &steps->settings->common;
    struct part_name name = {common->output, item->target.id, item->silent ? ".m4a" : ".mp4"};

    if (transfers_running(steps->transfers) >= common->jobs)
        return START_WAITS;
    if (item_is_local(item) && local_check(item->target.url, error) < 0)
        return START_FAILED;
    if (space_is_short(&steps->space, 0)) {
        item->wake = clock_seconds() + SPACE_WAIT;
        return START_WAITS;
    }
    if (!item->part && part_open(&item->part, &name, item_source(item), media->format, error) < 0)
        return START_FAILED;
    if (item->must_restart && part_restart(item->part, NULL, -1, error) < 0)
        return START_FAILED;
    item->must_restart = false;
    if (item->answer && item->answer->path)
        return take_file(item, error);
    if (is_complete(item->part)) {
        steps_transferred(item);
        return item->step == ITEM_TRANSFER ? start_transfer(steps, item, error) : START_WAITS;
    }
    if (!retry_may_request(&steps->retry, item))
        return START_WAITS;
    return transfers_start(steps->transfers, &request, item->part, item, error) < 0 ? START_FAILED : START_DONE;
}

static enum start start_probe(struct steps *steps, struct item *item, struct error *error)
{
    if (jobs_full(stage_jobs(steps->stage)))
        return START_WAITS;
    /* The parts stay as they are until the joined file has its name. */
    if (item->silent && output_file_open(&item->joined, item->path, error) < 0)
        return START_FAILED;
    return start_job(steps, item, &steps->probe_task, error);
}

static enum start (*const starts[])(struct steps *, struct item *, struct error *) = {
    [ITEM_LOOK] = start_look,
    [ITEM_RESOLVE] = start_resolve,
    [ITEM_TRANSFER] = start_transfer,
    [ITEM_PROBE] = start_probe,
};

static bool needs_source(const struct item *item)
{
    return (item->step == ITEM_RESOLVE || item->step == ITEM_TRANSFER) && !item_is_local(item);
}

/* Starts the item's step when it is time. */
static void start(struct steps *steps, struct item *item)
{
    struct error error = {0};

    item->wake = INFINITY;
    if (retry_has_given_up(&steps->retry) && needs_source(item)) {
        error_set(&error, ERROR_RATE_LIMITED, "the source has gone on asking for fewer requests");
        steps_finish_not_ok(steps, item, &error, item->tries > 0);
        return;
    }
    if (item->not_before > clock_seconds()) {
        item->wake = item->not_before;
        return;
    }
    switch (starts[item->step](steps, item, &error)) {
    case START_DONE:
        item->is_running = true;
        break;
    case START_WAITS:
        break;
    case START_FAILED: /* a request that had leave for it was never sent */
        retry_ended(&steps->retry, item, &(struct verdict){.kind = POLICY_RETRY}, PACE_NO_ANSWER);
        steps_fail(steps, item, &error, item->step);
        break;
    }
}

int steps_alloc(struct steps **out, const struct fetch_settings *settings, struct credits *credits,
                struct console *console, struct error *error)
{
    struct steps *steps = calloc(1, sizeof *steps);
    *out = NULL;
    if (!steps)
        return error_set(error, ERROR_IO, "out of memory");
    struct transfer_options transfer = {.proxy = settings->proxy,
                                        .cookies = settings->cookies,
                                        .connect_timeout = settings->connect_timeout,
                                        .low_speed_time = settings->low_speed_time,
                                        .limit_rate = settings->limit_rate,
                                        .connections = settings->common.jobs,
                                        .max_bytes = settings->max_filesize,
                                        .space = &steps->space,
                                        .verbose = settings->common.verbosity > 1};
    struct resolver_options resolver = {.command = settings->resolver,
                                        .cookies = settings->cookies,
                                        .proxy = settings->proxy,
                                        .format = settings->format,
                                        .max_height = settings->max_height,
                                        .audio = settings->audio};
    struct policy_limits limits = {.retries = (int)settings->retries, .delay = settings->retry_delay};
    struct pace_limits pace = {.min_gap = settings->sleep_interval,
                               .max_gap = settings->max_sleep_interval,
                               .pause = settings->pause,
                               .max_pauses = (int)settings->max_pauses};

    steps->settings = settings;
    steps->credits = credits;
    steps->console = console;
    retry_init(&steps->retry, &limits, &pace, console);
    space_init(&steps->space, settings->common.output, settings->min_free, console);
    steps_set_tasks(steps, settings->resolver_timeout);
    steps->transfers = transfers_alloc(&transfer, steps_transfer_began, steps_transfer_ended, steps);
    if (!steps->transfers)
        error_set(error, ERROR_IO, "libcurl cannot be set up");
    if (!steps->transfers || resolver_alloc(&steps->resolver, &resolver, error) < 0) {
        steps_free(&steps);
        return -1;
    }
    *out = steps;
    return 0;
}

void steps_free(struct steps **steps)
{
    if (!*steps)
        return;
    transfers_free(&(*steps)->transfers);
    resolver_free(&(*steps)->resolver);
    free(*steps);
    *steps = NULL;
}

void steps_set_stage(struct steps *steps, struct stage *stage)
{
    steps->stage = stage;
}

void steps_begin(struct steps *steps, struct item *item)
{
    struct stat facts;
    struct error error;

    item->steps = steps;
    if (tombstone_check(steps->settings->common.output, item->target.id, &error) < 0) {
        steps_finish_not_ok(steps, item, &error, false);
        return;
    }
    item->must_restart = steps->settings->common.force;
    if (!steps->settings->common.force && lstat(item->path, &facts) == 0)
        item->step = ITEM_LOOK;
    else
        steps_set_out(steps, item);
}

void steps_begin_check(struct steps *steps, struct item *item, bool was_here)
{
    struct stat facts;
    struct error error = {0};
    bool is_here = lstat(item->path, &facts) == 0;

    item->steps = steps;
    item->step = ITEM_RESOLVE;
    if (!is_here && !was_here)
        error_set(&error, ERROR_NOT_SELECTED, "the video is not there");
    else if (item->target.direct)
        error_set(&error, ERROR_NOT_SELECTED, "the video comes from no page that could be asked about it");
    else if (steps->settings->common.dry_run)
        error_set(&error, ERROR_DRY_RUN, "would be asked about at %.300s", item->target.url);
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
            start(steps, item);
    } while (item->step != before);
    if (!needs_source(item))
        retry_leave(&steps->retry, item);
}

int steps_wait(struct steps *steps, struct pollfd *fds, size_t count, int timeout_ms)
{
    return transfers_wait(steps->transfers, fds, count, timeout_ms);
}
