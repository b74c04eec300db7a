#include "fetch.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "th-fetch/item.h"
#include "th-fetch/pace.h"
#include "th-fetch/policy.h"
#include "th-fetch/resolver.h"
#include "th-fetch/transfer.h"

struct fetch {
    const struct fetch_settings *settings;
    struct console *console;
    struct stage *stage;
    struct resolver *resolver; /* NULL with --url-template */
    struct transfers *transfers;
    struct pace pace;
    struct policy_limits limits;
    struct job_task look_task, resolve_task, probe_task;
    struct item **items; /* room for `room` */
    size_t count, room;
    int64_t taken;
    bool is_stopped;
    json_t *seen; /* the ids that came so far, as members */
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

static void finish(struct fetch *fetch, struct item *item, json_t *record)
{
    item->step = ITEM_DONE;
    part_close(&item->part);
    stage_emit(fetch->stage, record);
}

static void finish_not_ok(struct fetch *fetch, struct item *item, const struct error *error, bool was_tried)
{
    finish(fetch, item, item_record_not_ok(item, error, was_tried));
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
static void tell_pace(struct fetch *fetch, const struct item *item, const struct verdict *verdict)
{
    double now = clock_seconds();

    if (is_local(item))
        return;
    if (verdict->kind == POLICY_PAUSE) {
        double pause = pace_refused(&fetch->pace, item->request_start, verdict->after, now);
        if (pause > 0)
            console_say(fetch->console, CONSOLE_WARNING,
                        "the source asks for fewer requests (%s); nothing is started for %.0f seconds", item->target.id,
                        ceil(pause));
        else if (fetch->pace.state == PACE_GIVEN_UP)
            console_say(fetch->console, CONSOLE_WARNING, "the source goes on asking for fewer requests (%s)",
                        item->target.id);
        return;
    }
    bool is_definite = verdict->kind == POLICY_GIVE_UP || verdict->kind == POLICY_EXPIRED;
    pace_ended(&fetch->pace, item->request_start, is_definite ? PACE_SUCCESS : PACE_NO_ANSWER, now);
}

/* A step has failed: again, from step `again` on and later, or never. */
static void meet(struct fetch *fetch, struct item *item, const struct verdict *verdict, enum item_step again)
{
    item->is_running = false;
    part_close(&item->part);
    if (!policy_again(verdict, &fetch->limits, item->tries, item->resolved_again)) {
        finish_not_ok(fetch, item, &verdict->error, true);
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
            item->not_before += policy_delay(verdict, &fetch->limits, item->tries, random_unit());
        item->tries++;
    }
    if (item->step == ITEM_RESOLVE)
        answer_free(&item->answer);
    console_say(fetch->console, CONSOLE_INFO, "%s: %s (%s); it is tried again in %.1f seconds", item->target.id,
                verdict->error.message, error_word_name(verdict->error.word), item->not_before - clock_seconds());
}

static void meet_local(struct fetch *fetch, struct item *item, const struct error *error, enum item_step again)
{
    struct verdict verdict;

    policy_local(error, &verdict);
    meet(fetch, item, &verdict, again);
}

/* Asks the pace for a request. */
static bool may_request(struct fetch *fetch, struct item *item)
{
    double now = clock_seconds();
    bool is_first = item->step == first_step(item);

    if (!pace_may_start(&fetch->pace, is_first, now, &item->wake))
        return false;
    pace_started(&fetch->pace, is_first, now, random_unit());
    item->request_start = now;
    return true;
}

static enum start start_job(struct fetch *fetch, struct item *item, const struct job_task *task, struct error *error)
{
    json_decref(item->report);
    item->report = NULL;
    return stage_start(fetch->stage, task, item, error) < 0 ? START_FAILED : START_DONE;
}

static enum start start_look(struct fetch *fetch, struct item *item, struct error *error)
{
    if (jobs_full(stage_jobs(fetch->stage)))
        return START_WAITS;
    return start_job(fetch, item, &fetch->look_task, error);
}

static enum start start_resolve(struct fetch *fetch, struct item *item, struct error *error)
{
    if (jobs_full(stage_jobs(fetch->stage)))
        return START_WAITS;
    if (fetch->is_stopped)
        return START_WAITS;
    if (resolver_check(fetch->resolver, error) < 0) {
        fetch->is_stopped = true;
        console_say(fetch->console, CONSOLE_ERROR, "%s", error->message);
        stage_stop(fetch->stage, EXIT_CANNOT);
        return START_WAITS;
    }
    if (!may_request(fetch, item))
        return START_WAITS;
    return start_job(fetch, item, &fetch->resolve_task, error);
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

static enum start start_transfer(struct fetch *fetch, struct item *item, struct error *error)
{
    const struct answer_media *media = item->answer ? &item->answer->media : &(struct answer_media){0};
    struct transfer_request request = {.url = media->url ? media->url : item->target.url,
                                       .headers = media->headers,
                                       .piece = media->piece,
                                       .may_be_file = is_local(item)};
    const struct common_settings *common = &fetch->settings->common;

    if (transfers_running(fetch->transfers) >= common->jobs)
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
    if (!is_local(item) && !may_request(fetch, item)) {
        part_close(&item->part);
        return START_WAITS;
    }
    return transfers_start(fetch->transfers, &request, item->part, item, error) < 0 ? START_FAILED : START_DONE;
}

static enum start start_probe(struct fetch *fetch, struct item *item, struct error *error)
{
    if (jobs_full(stage_jobs(fetch->stage)))
        return START_WAITS;
    return start_job(fetch, item, &fetch->probe_task, error);
}

static enum start (*const starts[])(struct fetch *, struct item *, struct error *) = {
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
static void start(struct fetch *fetch, struct item *item)
{
    struct error error = {0};

    item->wake = INFINITY;
    if (fetch->pace.state == PACE_GIVEN_UP && needs_source(item)) {
        error_set(&error, ERROR_RATE_LIMITED, "the source has gone on asking for fewer requests");
        finish_not_ok(fetch, item, &error, item->tries > 0);
        return;
    }
    if (item->not_before > clock_seconds()) {
        item->wake = item->not_before;
        return;
    }
    switch (starts[item->step](fetch, item, &error)) {
    case START_DONE:
        item->is_running = true;
        break;
    case START_WAITS:
        break;
    case START_FAILED:
        meet_local(fetch, item, &error, item->step);
        break;
    }
}

static void advance(void *self)
{
    struct fetch *fetch = self;
    size_t kept = 0;

    for (size_t i = 0; i < fetch->count; i++) {
        struct item *item = fetch->items[i];
        enum item_step before;
        do {
            before = item->step;
            if (item->step != ITEM_DONE && !item->is_running)
                start(fetch, item);
        } while (item->step != before);
        if (item->step == ITEM_DONE)
            item_free(&item);
        else
            fetch->items[kept++] = item;
    }
    fetch->count = kept;
}

/* The video is not there, or not whole: what is to be done about it. */
static void set_out(struct fetch *fetch, struct item *item)
{
    struct error error;

    item->step = first_step(item);
    if (fetch->settings->common.dry_run) {
        error_set(&error, ERROR_DRY_RUN, "would be downloaded from %.300s", item->target.url);
        finish_not_ok(fetch, item, &error, false);
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

static void looked(void *self, void *context, const struct error *fault)
{
    struct fetch *fetch = self;
    struct item *item = context;
    struct probe_result result;

    item->is_running = false;
    read_probe(item, fault, &result);
    if (result.error.word == ERROR_NONE) {
        finish(fetch, item, item_record_ok(item, &result, true));
        return;
    }
    console_say(fetch->console, CONSOLE_WARNING, "%s is there, but it is of no use: %s", item->path,
                result.error.message);
    set_out(fetch, item);
}

static int resolve(struct job *job, void *context)
{
    const struct item *item = context;

    return resolver_run(item->resolver, item->target.url, job);
}

static void resolved(void *self, void *context, const struct error *fault)
{
    struct fetch *fetch = self;
    struct item *item = context;
    struct resolver_outcome outcome;
    struct verdict verdict;
    struct error error = {0};
    json_t *json = NULL;

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
        pace_ended(&fetch->pace, item->request_start, PACE_ANSWER, clock_seconds());
        item->step = ITEM_TRANSFER;
        return;
    }
    tell_pace(fetch, item, &verdict);
    meet(fetch, item, &verdict, ITEM_RESOLVE);
}

static void transfer_ended(void *self, void *context, const struct transfer_outcome *outcome)
{
    struct fetch *fetch = self;
    struct item *item = context;
    struct verdict verdict;

    policy_transfer(outcome, !item->target.direct, &verdict);
    if (verdict.kind == POLICY_GOOD) {
        if (!is_local(item))
            pace_ended(&fetch->pace, item->request_start, PACE_SUCCESS, clock_seconds());
        transferred(item);
        return;
    }
    tell_pace(fetch, item, &verdict);
    meet(fetch, item, &verdict, ITEM_TRANSFER);
}

static int probe(struct job *job, void *context)
{
    const struct item *item = context;
    struct probe_request request = {.path = part_path(item->part), .from = item->copy_from, .is_thorough = true};

    return probe_run(&request, job);
}

static void probed(void *self, void *context, const struct error *fault)
{
    struct fetch *fetch = self;
    struct item *item = context;
    struct probe_result result;

    item->is_running = false;
    read_probe(item, fault, &result);
    if (result.error.word == ERROR_NONE && part_finish(item->part, &result.error) == 0) {
        finish(fetch, item, item_record_ok(item, &result, false));
        return;
    }
    if (result.error.word == ERROR_BAD_MEDIA)
        part_discard(item->part); /* or it would be gone on with */
    meet_local(fetch, item, &result.error, item->answer && item->answer->path ? ITEM_RESOLVE : ITEM_TRANSFER);
}

/* Whether the id comes for the first time; notes it. */
static bool is_new(struct fetch *fetch, const struct manifest_line *line, const char *id)
{
    if (json_object_get(fetch->seen, id)) {
        console_say(fetch->console, CONSOLE_WARNING, "%s:%ld: %s has come before; it is passed over", line->file,
                    line->number, id);
        return false;
    }
    return json_object_set_new(fetch->seen, id, json_true()) == 0;
}

static void add_item(struct fetch *fetch, const struct manifest_line *line, struct target *target)
{
    struct stat facts;

    if (!is_new(fetch, line, target->id)) {
        target_clear(target);
        return;
    }
    fetch->taken++;
    struct item *item = item_alloc(target, fetch->settings->common.output);
    if (!item) {
        stage_emit(fetch->stage, NULL);
        return;
    }
    item->resolver = fetch->resolver;
    fetch->items[fetch->count++] = item;
    if (!fetch->settings->common.force && lstat(item->path, &facts) == 0)
        item->step = ITEM_LOOK;
    else
        set_out(fetch, item);
}

/* 0 and *target when the record asks for a download; 1 when it is to be passed on as it is; -1 and error. */
static int read_record(struct fetch *fetch, const struct manifest_line *line, struct target *target,
                       struct error *error)
{
    struct record_head head;

    if (record_read_head(line->record, &head, error) < 0)
        return -1;
    if (head.stage != STAGE_FETCH || head.kind != KIND_VIDEO)
        return 1;
    if (head.status == STATUS_OK)
        return is_new(fetch, line, head.key) ? 1 : 2;
    return target_from_record(target, head.key, record_text(line->record, "url"), fetch->settings->url_template, error);
}

static void take(void *self, const struct manifest_line *line)
{
    struct fetch *fetch = self;
    struct target target = {0};
    struct error error;
    int result = line->record ? read_record(fetch, line, &target, &error)
                              : target_from_text(&target, line->text, fetch->settings->url_template, &error);

    if (result < 0)
        stage_bad_line(fetch->stage, line->file, line->number, &error);
    else if (result == 0)
        add_item(fetch, line, &target);
    else if (result == 1) {
        fetch->taken++;
        stage_emit(fetch->stage, json_incref(line->record));
    }
}

static void input_ended(void *self)
{
    struct fetch *fetch = self;

    stage_expect(fetch->stage, fetch->taken);
}

static bool ready(void *self)
{
    const struct fetch *fetch = self;

    return fetch->count < fetch->room;
}

static bool busy(void *self)
{
    const struct fetch *fetch = self;

    return fetch->count > 0;
}

static int wait_for_all(void *self, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct fetch *fetch = self;
    double now = clock_seconds();

    for (size_t i = 0; i < fetch->count; i++) {
        const struct item *item = fetch->items[i];
        double left = item->is_running ? INFINITY : ceil((item->wake - now) * 1000);
        if (item->step == ITEM_DONE)
            left = 0;
        if (timeout_ms < 0 || left < timeout_ms)
            timeout_ms = left > 0 ? (int)left : 0;
    }
    return transfers_wait(fetch->transfers, fds, count, timeout_ms);
}

const struct stage_program fetch_program = {
    .counts = KIND_VIDEO,
    .take = take,
    .input_ended = input_ended,
    .advance = advance,
    .ready = ready,
    .busy = busy,
    .wait = wait_for_all,
};

static bool set_up(struct fetch *fetch, struct error *error)
{
    const struct fetch_settings *settings = fetch->settings;
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

    pace_init(&fetch->pace, &pace);
    fetch->limits = (struct policy_limits){.retries = (int)settings->retries, .delay = settings->retry_delay};
    fetch->look_task = (struct job_task){.work = look, .report = keep_report, .ended = looked};
    fetch->probe_task = (struct job_task){.work = probe, .report = keep_report, .ended = probed};
    fetch->resolve_task = (struct job_task){.work = resolve, .report = keep_report, .ended = resolved};
    fetch->resolve_task.stall_timeout = settings->resolver_timeout;
    /* While one video of each is being downloaded the next is resolved, or the last is probed. */
    fetch->room = 2 * (size_t)settings->common.jobs;
    fetch->items = calloc(fetch->room, sizeof *fetch->items);
    fetch->seen = json_object();
    fetch->transfers = transfers_alloc(&transfer, transfer_ended, fetch);
    if (!fetch->items || !fetch->seen || !fetch->transfers) {
        error_set(error, ERROR_IO, "out of memory");
        return false;
    }
    return resolver_alloc(&fetch->resolver, &resolver, error) == 0;
}

struct fetch *fetch_alloc(const struct fetch_settings *settings, struct console *console)
{
    struct error error = {0};
    struct fetch *fetch = calloc(1, sizeof *fetch);

    if (fetch) {
        fetch->settings = settings;
        fetch->console = console;
    } else
        error_set(&error, ERROR_IO, "out of memory");
    if (fetch && !set_up(fetch, &error))
        fetch_free(&fetch);
    if (!fetch)
        console_say(console, CONSOLE_ERROR, "cannot start: %s", error.message);
    return fetch;
}

void fetch_free(struct fetch **out)
{
    struct fetch *fetch = *out;

    if (!fetch)
        return;
    transfers_free(&fetch->transfers);
    for (size_t i = 0; i < fetch->count; i++)
        item_free(&fetch->items[i]);
    free(fetch->items);
    resolver_free(&fetch->resolver);
    json_decref(fetch->seen);
    free(fetch);
    *out = NULL;
}

void fetch_set_stage(struct fetch *fetch, struct stage *stage)
{
    fetch->stage = stage;
}
