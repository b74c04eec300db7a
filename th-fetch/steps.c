#include "steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "th-fetch/pace.h"
#include "th-fetch/policy.h"
#include "th-fetch/resolver.h"
#include "th-fetch/transfer.h"

enum { GAIN_BYTES = 1 << 20 }; /* a try that brought as much is not counted against --retries */

struct steps {
    const struct fetch_settings *settings;
    struct console *console;
    struct stage *stage;
    struct resolver *resolver;
    struct transfers *transfers;
    struct pace pace;
    struct policy_limits limits;
    struct job_task look_task, resolve_task, probe_task;
    bool is_stopped; /* there is no resolver */
};

/* Whether a step could be started. */
enum start {
    START_DONE,
    START_WAITS, /* for its time (item->wake), or for a place */
    START_FAILED
};

static double random_unit(void)
{
    uint32_t number = 0;

    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
        return 0.5;
    return number / 4294967296.0;
}

static void finish(struct steps *steps, struct item *item, json_t *record)
{
    item->step = ITEM_DONE;
    part_close(&item->part);
    stage_emit(steps->stage, record);
}

static void finish_not_ok(struct steps *steps, struct item *item, const struct error *error, bool was_tried)
{
    finish(steps, item, item_record_not_ok(item, error, was_tried));
}

/* The first step that asks for something from outside. */
static enum item_step first_step(const struct item *item)
{
    return item->target.direct ? ITEM_TRANSFER : ITEM_RESOLVE;
}

static bool is_local(const struct item *item)
{
    return strncasecmp(item->target.url, "file:", 5) == 0;
}

/* Tells the pace how a request ended. */
static void tell_pace(struct steps *steps, const struct item *item, const struct verdict *verdict)
{
    double now = clock_seconds();

    if (is_local(item))
        return;
    if (verdict->kind == POLICY_PAUSE) {
        double pause = pace_refused(&steps->pace, item->request_start, verdict->after, now);
        if (pause > 0)
            console_say(steps->console, CONSOLE_WARNING,
                        "the source asks for fewer requests (%s); nothing is started for %.0f seconds", item->target.id,
                        ceil(pause));
        else if (steps->pace.state == PACE_GIVEN_UP)
            console_say(steps->console, CONSOLE_WARNING, "the source goes on asking for fewer requests (%s)",
                        item->target.id);
        return;
    }
    bool is_definite = verdict->kind == POLICY_GIVE_UP || verdict->kind == POLICY_EXPIRED;
    pace_ended(&steps->pace, item->request_start, is_definite ? PACE_SUCCESS : PACE_NO_ANSWER, now);
}

/* A step has failed: again, from step `again` on and later, or never. */
static void meet(struct steps *steps, struct item *item, const struct verdict *verdict, enum item_step again)
{
    item->is_running = false;
    part_close(&item->part);
    if (!policy_again(verdict, &steps->limits, item->tries, item->resolved_again)) {
        finish_not_ok(steps, item, &verdict->error, true);
        return;
    }
    item->step = again;
    item->not_before = clock_seconds();
    if (verdict->kind == POLICY_EXPIRED) {
        item->resolved_again = true;
        item->step = ITEM_RESOLVE;
    } else {
        /* After a refusal the pace says how long all wait. */
        if (verdict->kind != POLICY_PAUSE)
            item->not_before += policy_delay(verdict, &steps->limits, item->tries, random_unit());
        item->tries++;
    }
    if (item->step == ITEM_RESOLVE)
        answer_free(&item->answer);
    console_say(steps->console, CONSOLE_INFO, "%s: %s (%s); it is tried again in %.1f seconds", item->target.id,
                verdict->error.message, error_word_name(verdict->error.word), item->not_before - clock_seconds());
}

static void meet_local(struct steps *steps, struct item *item, const struct error *error, enum item_step again)
{
    struct verdict verdict;

    policy_local(error, &verdict);
    meet(steps, item, &verdict, again);
}

/* Asks the pace for a request. */
static bool may_request(struct steps *steps, struct item *item)
{
    double now = clock_seconds();
    bool is_first = item->step == first_step(item);

    if (!pace_may_start(&steps->pace, is_first, now, &item->wake))
        return false;
    pace_started(&steps->pace, is_first, now, random_unit());
    item->request_start = now;
    return true;
}

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
    if (jobs_full(stage_jobs(steps->stage)))
        return START_WAITS;
    if (steps->is_stopped)
        return START_WAITS;
    if (resolver_check(steps->resolver, error) < 0) {
        steps->is_stopped = true;
        console_say(steps->console, CONSOLE_ERROR, "%s", error->message);
        stage_stop(steps->stage, EXIT_CANNOT);
        return START_WAITS;
    }
    if (!may_request(steps, item))
        return START_WAITS;
    return start_job(steps, item, &steps->resolve_task, error);
}

/* Whether the part holds all bytes already: the run before was killed between download and probe. */
static bool is_complete(const struct part *part)
{
    return part_total(part) > 0 && part_size(part) == part_total(part);
}

static void transferred(struct item *item)
{
    item->step = ITEM_PROBE;
    item->retrieved = time(NULL);
    item->is_running = false;
}

/* The resolver has downloaded the file itself. */
static enum start take_file(struct item *item, struct error *error)
{
    int taken = part_take(item->part, item->answer->path, error);

    if (taken < 0)
        return START_FAILED;
    item->copy_from = taken > 0 ? item->answer->path : NULL;
    transferred(item);
    return START_WAITS;
}

static enum start start_transfer(struct steps *steps, struct item *item, struct error *error)
{
    const struct answer_media *media = item->answer ? &item->answer->media : &(struct answer_media){0};
    struct transfer_request request = {.url = media->url ? media->url : item->target.url,
                                       .headers = media->headers,
                                       .piece = media->piece,
                                       .may_be_file = is_local(item)};
    const struct common_settings *common = &steps->settings->common;

    if (transfers_running(steps->transfers) >= common->jobs)
        return START_WAITS;
    if (part_open(&item->part, common->output, item->target.id, item_source(item), media->format, error) < 0)
        return START_FAILED;
    if (common->force && item->tries == 0 && part_restart(item->part, NULL, -1, error) < 0)
        return START_FAILED;
    if (item->answer && item->answer->path)
        return take_file(item, error);
    if (is_complete(item->part)) {
        transferred(item);
        return START_WAITS;
    }
    if (!is_local(item) && !may_request(steps, item)) {
        part_close(&item->part);
        return START_WAITS;
    }
    return transfers_start(steps->transfers, &request, item->part, item, error) < 0 ? START_FAILED : START_DONE;
}

static enum start start_probe(struct steps *steps, struct item *item, struct error *error)
{
    if (jobs_full(stage_jobs(steps->stage)))
        return START_WAITS;
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
    return (item->step == ITEM_RESOLVE || item->step == ITEM_TRANSFER) && !is_local(item);
}

/* Starts the item's step when it is time. */
static void start(struct steps *steps, struct item *item)
{
    struct error error = {0};

    item->wake = INFINITY;
    if (steps->pace.state == PACE_GIVEN_UP && needs_source(item)) {
        error_set(&error, ERROR_RATE_LIMITED, "the source has gone on asking for fewer requests");
        finish_not_ok(steps, item, &error, item->tries > 0);
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
    case START_FAILED:
        meet_local(steps, item, &error, item->step);
        break;
    }
}

/* The video is not there, or not whole: what is to be done about it. */
static void set_out(struct steps *steps, struct item *item)
{
    struct error error;

    item->step = first_step(item);
    if (steps->settings->common.dry_run) {
        error_set(&error, ERROR_DRY_RUN, "would be downloaded from %.300s", item->target.url);
        finish_not_ok(steps, item, &error, false);
    }
}

static void keep_report(void *owner, void *context, json_t *record)
{
    struct item *item = context;

    (void)owner;
    json_decref(item->report);
    item->report = json_incref(record);
}

/* What a child that worked on a file reported; its end counts as a report when it made none. */
static void read_probe(const struct item *item, const struct error *fault, struct probe_result *result)
{
    probe_read_report(item->report, result);
    if (fault)
        result->error = *fault;
    else if (!item->report)
        error_set(&result->error, ERROR_CRASHED, "the working process ended without a word");
}

static int look(struct job *job, void *context)
{
    const struct item *item = context;

    return probe_run(&(struct probe_request){.path = item->path}, job);
}

static void looked(void *owner, void *context, const struct error *fault)
{
    struct item *item = context;
    struct steps *steps = item->steps;
    struct probe_result result;

    (void)owner;
    item->is_running = false;
    read_probe(item, fault, &result);
    if (result.error.word == ERROR_NONE) {
        finish(steps, item, item_record_ok(item, &result, true));
        return;
    }
    console_say(steps->console, CONSOLE_WARNING, "%s is there, but it is of no use: %s", item->path,
                result.error.message);
    set_out(steps, item);
}

static int resolve(struct job *job, void *context)
{
    const struct item *item = context;

    return resolver_run(item->steps->resolver, item->target.url, job);
}

static void resolved(void *owner, void *context, const struct error *fault)
{
    struct item *item = context;
    struct steps *steps = item->steps;
    struct resolver_outcome outcome;
    struct verdict verdict;
    struct error error = {0};
    json_t *json = NULL;

    (void)owner;
    item->is_running = false;
    resolver_read_report(item->report, &outcome, &json);
    outcome.hung = fault && fault->word == ERROR_STALLED;
    if (fault && !outcome.hung)
        policy_local(fault, &verdict);
    else
        policy_resolver(&outcome, &verdict);
    if (verdict.kind == POLICY_GOOD && answer_read(&item->answer, json, &error) < 0)
        policy_local(&error, &verdict);
    if (verdict.kind == POLICY_GOOD) {
        pace_ended(&steps->pace, item->request_start, PACE_ANSWER, clock_seconds());
        item->step = ITEM_TRANSFER;
        return;
    }
    tell_pace(steps, item, &verdict);
    meet(steps, item, &verdict, ITEM_RESOLVE);
}

static void transfer_ended(void *self, void *context, const struct transfer_outcome *outcome)
{
    struct steps *steps = self;
    struct item *item = context;
    struct verdict verdict;

    policy_transfer(outcome, !item->target.direct, &verdict);
    if (part_size(item->part) >= item->furthest + GAIN_BYTES) {
        item->furthest = part_size(item->part);
        item->tries = 0;
    }
    if (verdict.kind == POLICY_GOOD) {
        if (!is_local(item))
            pace_ended(&steps->pace, item->request_start, PACE_SUCCESS, clock_seconds());
        transferred(item);
        return;
    }
    tell_pace(steps, item, &verdict);
    meet(steps, item, &verdict, ITEM_TRANSFER);
}

static int probe(struct job *job, void *context)
{
    const struct item *item = context;
    struct probe_request request = {.path = part_path(item->part), .from = item->copy_from, .is_thorough = true};

    return probe_run(&request, job);
}

static void probed(void *owner, void *context, const struct error *fault)
{
    struct item *item = context;
    struct steps *steps = item->steps;
    struct probe_result result;

    (void)owner;
    item->is_running = false;
    read_probe(item, fault, &result);
    if (result.error.word == ERROR_NONE && part_finish(item->part, &result.error) == 0) {
        finish(steps, item, item_record_ok(item, &result, false));
        return;
    }
    if (result.error.word == ERROR_BAD_MEDIA)
        part_discard(item->part); /* or it would be gone on with */
    meet_local(steps, item, &result.error, item->answer && item->answer->path ? ITEM_RESOLVE : ITEM_TRANSFER);
}

static struct job_task task_of(int (*work)(struct job *, void *), void (*ended)(void *, void *, const struct error *))
{
    return (struct job_task){.work = work, .report = keep_report, .ended = ended};
}

int steps_alloc(struct steps **out, const struct fetch_settings *settings, struct console *console, struct error *error)
{
    struct steps *steps = calloc(1, sizeof *steps);
    struct transfer_options transfer = {.proxy = settings->proxy,
                                        .cookies = settings->cookies,
                                        .connect_timeout = settings->connect_timeout,
                                        .low_speed_time = settings->low_speed_time,
                                        .limit_rate = settings->limit_rate,
                                        .connections = settings->common.jobs,
                                        .verbose = settings->common.verbosity > 1};
    struct resolver_options resolver = {
        .command = settings->resolver, .cookies = settings->cookies, .proxy = settings->proxy};
    struct pace_limits pace = {.min_gap = settings->sleep_interval,
                               .max_gap = settings->max_sleep_interval,
                               .pause = settings->pause,
                               .max_pauses = (int)settings->max_pauses};

    *out = NULL;
    if (!steps)
        return error_set(error, ERROR_IO, "out of memory");
    steps->settings = settings;
    steps->console = console;
    pace_init(&steps->pace, &pace);
    steps->limits = (struct policy_limits){.retries = (int)settings->retries, .delay = settings->retry_delay};
    steps->look_task = task_of(look, looked);
    steps->resolve_task = task_of(resolve, resolved);
    steps->resolve_task.stall_timeout = settings->resolver_timeout;
    steps->probe_task = task_of(probe, probed);
    steps->transfers = transfers_alloc(&transfer, transfer_ended, steps);
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

    item->steps = steps;
    if (!steps->settings->common.force && lstat(item->path, &facts) == 0)
        item->step = ITEM_LOOK;
    else
        set_out(steps, item);
}

void steps_advance(struct steps *steps, struct item *item)
{
    enum item_step before;

    do {
        before = item->step;
        if (item->step != ITEM_DONE && !item->is_running)
            start(steps, item);
    } while (item->step != before);
}

int steps_wait(struct steps *steps, struct pollfd *fds, size_t count, int timeout_ms)
{
    return transfers_wait(steps->transfers, fds, count, timeout_ms);
}
