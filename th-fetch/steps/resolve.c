/* The step that asks the resolver what to download. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/stage/record.h"
#include "th-fetch/options.h"
#include "th-fetch/policy/policy.h"
#include "th-fetch/policy/warning.h"
#include "th-fetch/record.h"
#include "th-fetch/source/license.h"
#include "th-fetch/steps/step.h"

enum { WARNINGS_MAX = 30 /* of the resolver, that are shown */ };

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
    enum step_start asked = step_version_ask(steps, error);

    if (asked != STEP_STARTED)
        return asked;
    if (item->is_guest && !guest_may_start(&steps->guest, clock_seconds(), &item->wake))
        return STEP_WAITS;
    if (!retry_may_request(&steps->retry, item))
        return STEP_WAITS;
    if (item->is_guest)
        guest_started(&steps->guest, clock_seconds());
    item->is_asking = item->is_guest;
    return STEP_STARTED;
}

static int resolve(struct job *job, void *context)
{
    const struct item *item = context;

    return resolver_run(item->steps->resolver, item->input.url, item->listed_height, job);
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

/* Chooses what to download for a video that is there without sound: its sound, or the whole video when its sound is no
 * stream of its own. 0, or -1 and error. */
static int choose_sound(struct item *item, struct error *error)
{
    const struct answer *answer = item->answer;
    const char *known = record_text(item->silent, "format"), *format = answer->media.format;
    bool is_same = known && format && strcmp(known, format) == 0;

    item->is_sound_alone = answer->audio.url || answer->audio.segments;
    if (!item->is_sound_alone && (answer->media.is_silent || is_same))
        return error_set(error, ERROR_NO_FORMAT, "the page offers no sound");
    return 0;
}

static int read_answer(const struct steps *steps, struct item *item, json_t *json, struct error *error)
{
    if (answer_read(&item->answer, json, error) < 0 || check_license(steps, item, error) < 0)
        return -1;
    if (steps->settings->audio && answer_read_audio(item->answer, error) < 0)
        return -1;
    if (item->silent && choose_sound(item, error) < 0)
        return -1;
    if (!item->checked && !item->is_sound_alone &&
        height_check(&steps->min_height, item->answer->media.height, item->listed_height, error) < 0)
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

/* Shows a warning that none of this run equals; at most WARNINGS_MAX of them. */
static void show_warning(struct steps *steps, const char *text)
{
    char kind[sizeof((struct resolver_outcome *)0)->said];

    snprintf(kind, sizeof kind, "%s", text);
    warning_generalize(kind);
    if (json_object_get(steps->warned, kind) || json_object_size(steps->warned) >= WARNINGS_MAX)
        return;
    json_object_set_new(steps->warned, kind, json_true());
    console_say(steps->console, CONSOLE_WARNING, "the resolver warns: %s", text);
}

/* Shows the resolver's warnings, and gives the one that explains a failure best. NULL: none does. */
static const struct warning *hear_warnings(struct steps *steps, const struct item *item)
{
    const struct warning *first = NULL;
    const json_t *text;
    size_t index;

    json_array_foreach(resolver_warnings(item->report), index, text)
    {
        char clean[sizeof((struct resolver_outcome *)0)->said];

        warning_clean(clean, sizeof clean, json_string_value(text), item->input.id);
        show_warning(steps, clean);
        first = warning_first(first, warning_find(clean));
    }
    return first;
}

/* No more pages are asked for; the other videos get records with this reason. */
static void stop_asking(struct steps *steps, const char *cause)
{
    if (steps->stopped[STREAK_PAGES].word != ERROR_NONE)
        return;
    error_set(&steps->stopped[STREAK_PAGES], ERROR_RESOLVER, "%s", cause);
    console_say(steps->console, CONSOLE_ERROR, "%s; no more pages are asked for", cause);
}

enum { LONG_WAIT = 60 /* seconds; told without --verbose, too */ };

/* Delays the download until the server gives it: a request before is refused with 403. The others go on. */
static void wait_until_available(struct steps *steps, struct item *item)
{
    double available_at = item->answer ? item->answer->available_at : 0;
    double ahead = available_at - clock_unix_seconds();
    double wait = policy_wait(available_at, clock_unix_seconds());

    if (wait <= 0)
        return;
    item->not_before = clock_seconds() + wait;
    retry_leave(&steps->retry, item);
    if (!item->is_early)
        console_say(steps->console, wait >= LONG_WAIT ? CONSOLE_WARNING : CONSOLE_INFO,
                    "%s: the server gives the video in %.0f seconds; its download waits %.0f seconds", item->input.id,
                    ceil(ahead), ceil(wait));
    item->is_early = true;
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    struct resolver_outcome outcome;
    struct verdict verdict;
    struct error error = {0};
    json_t *json = NULL;
    const struct warning *warning = hear_warnings(steps, item);

    steps_leave_guest(steps, item);
    resolver_read_report(item->report, &outcome, &json);
    outcome.hung = fault && fault->word == ERROR_STALLED;
    if (fault && !outcome.hung)
        policy_local(fault, &verdict);
    else
        policy_resolver(&outcome, &verdict);
    if (verdict.kind == POLICY_GOOD && read_answer(steps, item, json, &error) < 0)
        policy_local(&error, &verdict);
    warning_explain(warning, &verdict);
    if (warning && warning->ends_run)
        stop_asking(steps, warning->cause);
    steps_judge(steps, item, STREAK_PAGES, json, &verdict);
    bool is_last_request = item->checked || (item->answer && item->answer->path);
    retry_ended(&steps->retry, item, &verdict, is_last_request ? PACE_SERVED : PACE_ANSWER);
    if (verdict.kind != POLICY_GOOD)
        steps_retry(steps, item, &verdict, ITEM_RESOLVE);
    else if (item->checked)
        finish_checked(steps, item);
    else {
        item->step = item_media(item)->segments ? ITEM_SEGMENTS : ITEM_DOWNLOAD;
        wait_until_available(steps, item);
    }
}

/* JavaScript engines reserve tens of GiB of address space. */
const struct step step_resolve = {
    .asks_source = true, .start = start, .job = {.work = resolve, .runs_command = true}, .ended = ended};
