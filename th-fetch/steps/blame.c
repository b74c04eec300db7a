/* Who is to blame when videos fail alike: policy/streak.h applied to items, and the records that wait for its result.
 */
#include <stdlib.h>

#include "common/clock.h"
#include "th-fetch/record.h"
#include "th-fetch/steps/step.h"

/* A record that is written when the next requests have shown whether it is right. */
struct held {
    struct held *next;
    json_t *record;
    json_t *silent;     /* what is written instead when no source is to blame; NULL: record */
    struct error error; /* in the record */
};

static void held_free(struct held *held)
{
    json_decref(held->record);
    json_decref(held->silent);
    free(held);
}

/* Writes the records that are held for a source; blame (NULL: none) replaces their errors. */
static void release(struct steps *steps, enum streak_source source, const struct error *blame)
{
    while (steps->held[source]) {
        struct held *held = steps->held[source];

        steps->held[source] = held->next;
        if (held->silent && !blame) {
            steps_keep_silent(steps, held->silent);
            stage_emit(steps->stage, json_incref(held->silent));
        } else {
            if (blame)
                fetch_record_blame(&held->record, blame);
            stage_emit(steps->stage, json_incref(held->record));
        }
        held_free(held);
    }
}

/* The failure is the source's: its error, what is done, and once a message. */
static void blame_source(struct steps *steps, enum streak_source source, enum streak_result result,
                         struct verdict *verdict)
{
    const struct streak *streak = &steps->streaks[source];
    struct error blame;

    streak_blame(streak, &verdict->error, &blame);
    if (result != STREAK_PAUSE && !steps->is_told[source]) {
        console_say(steps->console, CONSOLE_ERROR, "%s", blame.message);
        console_say(steps->console, CONSOLE_ERROR, "%s", streak_advice(streak));
        steps->is_told[source] = true;
    }
    if (result == STREAK_STOP)
        steps->stopped[source] = blame;
    *verdict = (struct verdict){.kind = result == STREAK_PAUSE ? POLICY_PAUSE : POLICY_GIVE_UP, .error = blame};
    release(steps, source, &blame);
}

/* While the media of all videos are refused, the page of one that is gone does not show that they are served again. */
static void leave_test(struct steps *steps, const struct item *item, const struct verdict *verdict)
{
    if (verdict->kind == POLICY_GIVE_UP && streak_is_blamed(&steps->streaks[STREAK_MEDIA]))
        retry_leave(&steps->retry, item);
}

void steps_judge(struct steps *steps, struct item *item, enum streak_source source, bool has_answer,
                 struct verdict *verdict)
{
    struct streak *streak = &steps->streaks[source];
    const struct streak_failure failure = {
        .id = item->input.id,
        .url = item->input.shown_url,
        .error = &verdict->error,
        .is_last = !policy_again(verdict, &steps->retry.limits, item->tries, item->resolved_again),
        .start = item->request_start};

    item->is_held = false;
    item->source = source;
    if (item_is_local(item))
        return;
    if (verdict->kind == POLICY_GOOD || (has_answer && !streak_counts(streak, verdict->error.word))) {
        streak_served(streak);
        release(steps, source, NULL);
        return;
    }
    if (source == STREAK_PAGES)
        leave_test(steps, item, verdict);
    if (!streak_continues(streak, &failure))
        release(steps, source, NULL);
    enum streak_result result = streak_add(streak, &failure, clock_seconds());
    if (result == STREAK_HOLD)
        item->is_held = true;
    else if (result != STREAK_NONE)
        blame_source(steps, source, result, verdict);
}

void steps_hold(struct steps *steps, struct item *item, const struct error *error)
{
    struct held **end = &steps->held[item->source];
    struct held *held = calloc(1, sizeof *held);

    if (!held) {
        steps_finish_not_ok(steps, item, error, true);
        return;
    }
    while (*end)
        end = &(*end)->next;
    held->record = fetch_record_not_ok(item, error, true);
    held->silent = steps_silent_record(item, error);
    held->error = *error;
    *end = held;
    item->step = ITEM_DONE;
    item_close_parts(item);
}

void steps_drop_held(struct steps *steps)
{
    for (enum streak_source source = 0; source < STREAK_SOURCES; source++) {
        while (steps->held[source]) {
            struct held *held = steps->held[source];

            steps->held[source] = held->next;
            held_free(held);
        }
    }
}

void steps_release(struct steps *steps)
{
    for (enum streak_source source = 0; source < STREAK_SOURCES; source++) {
        const struct streak *streak = &steps->streaks[source];
        struct error blame;

        if (steps->held[source] && streak_ends_in_blame(streak)) {
            streak_blame(streak, &steps->held[source]->error, &blame);
            release(steps, source, &blame);
        }
        release(steps, source, NULL);
    }
}

const struct error *steps_stopped(const struct steps *steps, const struct item *item)
{
    const struct error *stopped = &steps->stopped[item->input.is_direct ? STREAK_ARCHIVE : STREAK_MEDIA];

    if (stopped->word == ERROR_NONE && item->step == ITEM_RESOLVE)
        stopped = &steps->stopped[STREAK_PAGES];
    return stopped->word == ERROR_NONE ? NULL : stopped;
}
