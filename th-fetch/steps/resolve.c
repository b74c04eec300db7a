/* The step that asks the resolver what to download. */
#include "th-fetch/options.h"
#include "th-fetch/policy/policy.h"
#include "th-fetch/record.h"
#include "th-fetch/source/license.h"
#include "th-fetch/steps/step.h"

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    if (steps->is_stopped)
        return STEP_WAITS;
    if (resolver_check(steps->resolver, error) < 0) {
        steps->is_stopped = true;
        console_say(steps->console, CONSOLE_ERROR, "%s", error->message);
        stage_stop(steps->stage, EXIT_CANNOT);
        return STEP_WAITS;
    }
    return retry_may_request(&steps->retry, item) ? STEP_STARTED : STEP_WAITS;
}

static int resolve(struct job *job, void *context)
{
    const struct item *item = context;

    return resolver_run(item->steps->resolver, item->input.url, job);
}

/* 0 when the page gives a Creative Commons licence, or, after a warning, when the options do not require one. A page
 * that states no licence may do so only to this session. */
static int check_license(const struct steps *steps, const struct item *item, struct error *error)
{
    const char *license = item->answer->license;

    if (license_is_cc(license))
        return 0;
    if (license)
        error_set(error, ERROR_RELICENSED, "the page gives no Creative Commons licence, but '%.200s'", license);
    else
        error_set(error, ERROR_LICENSE_UNKNOWN, "the page does not state the licence");
    if (fetch_options_want_cc(steps->settings))
        return -1;
    console_say(steps->console, CONSOLE_WARNING, "%s: %s", item->input.id, error->message);
    return 0;
}

static int read_answer(const struct steps *steps, struct item *item, json_t *json, struct error *error)
{
    if (answer_read(&item->answer, json, error) < 0 || check_license(steps, item, error) < 0)
        return -1;
    if (!item->checked && height_check(&steps->min_height, item->answer->media.height, item->listed_height, error) < 0)
        return -1;
    if (steps->settings->audio && answer_read_audio(item->answer, error) < 0)
        return -1;
    return resolver_can_download(steps->resolver) ? 0 : answer_check_plain(item->answer, error);
}

/* Ends a check (--recheck) of a video that its page still offers. */
static void finish_checked(struct steps *steps, struct item *item)
{
    json_t *record = fetch_record_checked(item);
    struct error error;

    if (steps_credit(steps, record, &error) == 0) {
        steps_finish(steps, item, record);
        return;
    }
    json_decref(record);
    steps_fail(steps, item, &error, ITEM_RESOLVE);
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    struct resolver_outcome outcome;
    struct verdict verdict;
    struct error error = {0};
    json_t *json = NULL;

    resolver_read_report(item->report, &outcome, &json);
    outcome.hung = fault && fault->word == ERROR_STALLED;
    if (fault && !outcome.hung)
        policy_local(fault, &verdict);
    else
        policy_resolver(&outcome, &verdict);
    if (verdict.kind == POLICY_GOOD && read_answer(steps, item, json, &error) < 0)
        policy_local(&error, &verdict);
    bool is_last_request = item->checked || (item->answer && item->answer->path);
    retry_ended(&steps->retry, item, &verdict, is_last_request ? PACE_SERVED : PACE_ANSWER);
    if (verdict.kind != POLICY_GOOD)
        steps_retry(steps, item, &verdict, ITEM_RESOLVE);
    else if (item->checked)
        finish_checked(steps, item);
    else
        item->step = item->answer->media.segments ? ITEM_SEGMENTS : ITEM_DOWNLOAD;
}

const struct step step_resolve = {.asks_source = true, .start = start, .job = {.work = resolve}, .ended = ended};
