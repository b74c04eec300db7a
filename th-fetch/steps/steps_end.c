#include "th-fetch/options.h"
#include "th-fetch/policy/policy.h"
#include "th-fetch/records/index.h"
#include "th-fetch/source/license.h"
#include "th-fetch/steps/steps_internal.h"

enum { GAIN_BYTES = 1 << 20 }; /* a try that brought as much is not counted against --retries */

static void finish(struct steps *steps, struct item *item, json_t *record)
{
    item->step = ITEM_DONE;
    item_close_parts(item);
    stage_emit(steps->stage, record);
}

void steps_finish_not_ok(struct steps *steps, struct item *item, const struct error *error, bool was_tried)
{
    finish(steps, item, item_record_not_ok(item, error, was_tried));
}

/* A step has failed: again, from step `again` on and later, or never. */
static void meet(struct steps *steps, struct item *item, const struct verdict *verdict, enum item_step again)
{
    item->is_running = false;
    part_close(&item->part);
    if (!retry_again(&steps->retry, item, verdict, again))
        steps_finish_not_ok(steps, item, &verdict->error, true);
    else if (item->step == ITEM_RESOLVE) {
        item_close_parts(item);
        item->copy_from = NULL; /* it is the answer's */
        answer_free(&item->answer);
    }
}

void steps_fail(struct steps *steps, struct item *item, const struct error *error, enum item_step again)
{
    struct verdict verdict;

    policy_local(error, &verdict);
    meet(steps, item, &verdict, again);
}

void steps_transferred(struct item *item)
{
    bool wants_sound = item->answer && item->answer->audio.url && !item->silent;

    if (wants_sound) {
        item->silent = item->part;
        item->part = NULL;
        item->furthest = 0;
    }
    item->step = wants_sound ? ITEM_TRANSFER : ITEM_PROBE;
    item->retrieved = time(NULL);
    item->is_running = false;
}

void steps_set_out(struct steps *steps, struct item *item)
{
    struct error error;

    item->step = item_first_step(item);
    if (steps->settings->license == LICENSE_CC && item->target.direct) {
        error_set(&error, ERROR_RELICENSED, "there is no page that gives a Creative Commons licence");
        steps_finish_not_ok(steps, item, &error, false);
    } else if (steps->settings->common.dry_run) {
        error_set(&error, ERROR_DRY_RUN, "would be downloaded from %.300s", item->target.url);
        steps_finish_not_ok(steps, item, &error, false);
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

/* Removes what runs that were killed, or had other options, left of a video that is there. */
static void clear_parts(struct item *item)
{
    const char *dir = item->steps->settings->common.output;

    item_close_parts(item);
    part_clear(&(struct part_name){dir, item->target.id, ".mp4"});
    part_clear(&(struct part_name){dir, item->target.id, ".m4a"});
}

static int look(struct job *job, void *context)
{
    const struct item *item = context;

    return probe_run(&(struct probe_request){.path = item->path}, job);
}

static json_t *order_look(void *context)
{
    const struct item *item = context;

    return probe_order(&(struct probe_request){.path = item->path});
}

/* The video is there: its record says what was kept of its download, or else what the look has shown. */
static void finish_cached(struct steps *steps, struct item *item, struct probe_result *result)
{
    json_t *known = index_load(steps->settings->common.output, item->target.id, item->path);
    json_t *record = known ? item_record_known(item, known) : item_record_ok(item, result, true);

    json_decref(known);
    if (steps->credits && record && !credits_know(steps->credits, item->target.id) &&
        credits_add(steps->credits, record, &result->error) < 0) {
        json_decref(record);
        steps_fail(steps, item, &result->error, ITEM_LOOK);
        return;
    }
    clear_parts(item);
    finish(steps, item, record);
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
        finish_cached(steps, item, &result);
        return;
    }
    console_say(steps->console, CONSOLE_WARNING, "%s is there, but it is of no use: %s", item->path,
                result.error.message);
    steps_set_out(steps, item);
}

static int resolve(struct job *job, void *context)
{
    const struct item *item = context;

    return resolver_run(item->steps->resolver, item->target.url, job);
}

/* The page's licence has to be free, or else is told. */
static int check_license(const struct steps *steps, const struct item *item, struct error *error)
{
    const char *license = item->answer->license;

    if (license_is_cc(license))
        return 0;
    error_set(error, ERROR_RELICENSED, "the page gives no Creative Commons licence, but %s%.200s%s", license ? "'" : "",
              license ? license : "none at all", license ? "'" : "");
    if (fetch_wants_cc(steps->settings))
        return -1;
    console_say(steps->console, CONSOLE_WARNING, "%s: %s", item->target.id, error->message);
    return 0;
}

/* The page still gives the video. */
static void finish_checked(struct steps *steps, struct item *item)
{
    json_t *record = item_record_checked(item);
    struct error error;

    if (steps->credits && record && credits_add(steps->credits, record, &error) < 0) {
        json_decref(record);
        steps_fail(steps, item, &error, ITEM_RESOLVE);
        return;
    }
    finish(steps, item, record);
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
    if (verdict.kind == POLICY_GOOD &&
        (answer_read(&item->answer, json, &error) < 0 || check_license(steps, item, &error) < 0 ||
         (steps->settings->audio && answer_read_audio(item->answer, &error) < 0)))
        policy_local(&error, &verdict);
    bool is_all = item->checked || (item->answer && item->answer->path); /* no request follows */
    retry_ended(&steps->retry, item, &verdict, is_all ? PACE_SERVED : PACE_ANSWER);
    if (verdict.kind == POLICY_GOOD && item->checked)
        finish_checked(steps, item);
    else if (verdict.kind == POLICY_GOOD)
        item->step = ITEM_TRANSFER;
    else
        meet(steps, item, &verdict, ITEM_RESOLVE);
}

void steps_transfer_began(void *self, void *context)
{
    struct steps *steps = self;

    retry_ended(&steps->retry, context, &(struct verdict){.kind = POLICY_GOOD}, PACE_SERVED);
}

void steps_transfer_ended(void *self, void *context, const struct transfer_outcome *outcome)
{
    struct steps *steps = self;
    struct item *item = context;
    struct verdict verdict;

    policy_transfer(outcome, !item->target.direct, &verdict);
    if (part_size(item->part) >= item->furthest + GAIN_BYTES) {
        item->furthest = part_size(item->part);
        item->tries = 0;
        item->resolved_again = false;
    }
    retry_ended(&steps->retry, item, &verdict, PACE_SERVED);
    if (verdict.kind == POLICY_GOOD)
        steps_transferred(item);
    else
        meet(steps, item, &verdict, ITEM_TRANSFER);
}

static struct probe_request probe_request(const struct item *item)
{
    return (struct probe_request){.path = part_path(item_video_part(item)),
                                  .audio = item->silent ? part_path(item->part) : NULL,
                                  .joined = item->joined,
                                  .from = item->copy_from,
                                  .is_thorough = true,
                                  .has_no_hash = item->steps->settings->no_hash};
}

static int probe(struct job *job, void *context)
{
    const struct probe_request request = probe_request(context);

    return probe_run(&request, job);
}

static json_t *order_probe(void *context)
{
    const struct probe_request request = probe_request(context);

    return probe_order(&request);
}

/* Gives what was downloaded its name. 0, or -1 and error. */
static int name_video(struct item *item, struct error *error)
{
    if (!item->joined)
        return part_finish(item->part, error);
    if (output_file_commit(&item->joined, NULL, error) < 0)
        return -1;
    part_discard(item->silent);
    part_discard(item->part);
    return 0;
}

/* Writes down what the resolver said of the video that is about to get its name. 0, or -1 and error. */
static int keep_words(struct steps *steps, struct item *item, const json_t *record, struct error *error)
{
    const char *file = item->joined ? output_file_temporary(item->joined) : part_path(item->part);

    if (steps->credits && credits_add(steps->credits, record, error) < 0)
        return -1;
    return item->answer ? index_save(steps->settings->common.output, item->target.id, file, record, error) : 0;
}

/* Keeps the video; what is to be said of it comes first, for there is to be none without its credit. 0, or -1 and
 * error. */
static int keep(struct steps *steps, struct item *item, struct probe_result *result)
{
    json_t *record = item_record_ok(item, result, false);

    if ((record && keep_words(steps, item, record, &result->error) < 0) || name_video(item, &result->error) < 0) {
        json_decref(record);
        return -1;
    }
    clear_parts(item);
    finish(steps, item, record);
    return 0;
}

static void probed(void *owner, void *context, const struct error *fault)
{
    struct item *item = context;
    struct steps *steps = item->steps;
    struct probe_result result;

    (void)owner;
    item->is_running = false;
    read_probe(item, fault, &result);
    if (result.error.word == ERROR_NONE && keep(steps, item, &result) == 0)
        return;
    if (result.error.word == ERROR_BAD_MEDIA) { /* or it would be gone on with */
        part_discard(item->part);
        if (item->silent)
            part_discard(item->silent);
    }
    item_close_parts(item);
    steps_fail(steps, item, &result.error, item->answer && item->answer->path ? ITEM_RESOLVE : ITEM_TRANSFER);
}

void steps_set_tasks(struct steps *steps, double resolver_timeout)
{
    steps->look_task = (struct job_task){
        .work = look, .report = keep_report, .ended = looked, .order = order_look, .serve = probe_serve};
    steps->probe_task = (struct job_task){
        .work = probe, .report = keep_report, .ended = probed, .order = order_probe, .serve = probe_serve};
    steps->resolve_task =
        (struct job_task){.work = resolve, .report = keep_report, .ended = resolved, .stall_timeout = resolver_timeout};
}
