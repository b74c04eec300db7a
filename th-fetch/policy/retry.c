#include "th-fetch/policy/retry.h"

#include <math.h>
#include <sys/random.h>

#include "common/clock.h"

void retry_init(struct retry *retry, const struct policy_limits *limits, const struct pace_limits *pace,
                struct console *console)
{
    retry->console = console;
    retry->limits = *limits;
    retry->tester = NULL;
    retry->refused = NULL;
    retry->has_advised = false;
    pace_init(&retry->pace, pace);
}

static double random_unit(void)
{
    uint32_t number = 0;

    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
        return 0.5;
    return number / 4294967296.0;
}

bool retry_may_request(struct retry *retry, struct item *item)
{
    double now = clock_seconds();
    bool is_first = item->step == item_first_step(item) && !item->is_going_on;

    if (item_is_local(item))
        return true;
    if (!pace_may_start(&retry->pace, is_first, retry->tester == item, now, &item->wake))
        return false;
    pace_started(&retry->pace, is_first, now, random_unit());
    retry->tester = retry->pace.state == PACE_TESTING ? item : NULL;
    item->request_start = now;
    return true;
}

/* The first pause of the run also says what to do. */
static void say_pause(struct retry *retry, const struct item *item, const struct verdict *verdict, double pause)
{
    console_say(retry->console, CONSOLE_WARNING, "the source wants fewer requests (%s: %s); all wait for %.0f seconds",
                item->input.id, verdict->error.message, ceil(pause));
    if (!retry->has_advised && verdict->after <= 0)
        console_say(retry->console, CONSOLE_WARNING,
                    "if pauses do not help: give the cookies of a browser (--cookies FILE), start videos further apart "
                    "(--sleep-interval SECONDS), or use another address (--proxy URL)");
    retry->has_advised = retry->has_advised || verdict->after <= 0;
}

static void note_refusal(struct retry *retry, const struct item *item, const struct verdict *verdict, double now)
{
    bool had_given_up = retry_has_given_up(retry);
    int pauses = retry->pace.pauses;
    double pause = pace_refused(&retry->pace, item->request_start, verdict->after, retry->refused == item, now);

    if (retry->pace.pauses > pauses) /* also for a pause of 0 seconds */
        retry->refused = item;
    if (pause > 0)
        say_pause(retry, item, verdict, pause);
    else if (!had_given_up && retry_has_given_up(retry))
        console_say(retry->console, CONSOLE_WARNING,
                    verdict->after > PACE_AFTER_MAX
                        ? "the source wants no request for %.0f seconds; no more requests are sent"
                        : "the source has refused requests %.0f times in a row; no more requests are sent",
                    verdict->after > PACE_AFTER_MAX ? verdict->after : retry->pace.pauses);
}

/* The result of a request that was not refused. */
static enum pace_end pace_end_of(const struct verdict *verdict, enum pace_end good)
{
    switch (verdict->kind) {
    case POLICY_GOOD:
        return good;
    case POLICY_GIVE_UP: /* a permanent refusal is an answer; a failure of this side, or of the network, is none */
        return error_word_class(verdict->error.word) == ERROR_CLASS_PERMANENT ? PACE_SERVED : PACE_NO_ANSWER;
    case POLICY_EXPIRED: /* the resolver is asked next */
        return PACE_ANSWER;
    default:
        return PACE_NO_ANSWER;
    }
}

void retry_ended(struct retry *retry, const struct item *item, const struct verdict *verdict, enum pace_end end)
{
    double now = clock_seconds();

    if (item_is_local(item))
        return;
    if (verdict->kind == POLICY_PAUSE)
        note_refusal(retry, item, verdict, now);
    else if (retry->tester == item)
        pace_ended(&retry->pace, pace_end_of(verdict, end), now);
    if (retry->pace.state != PACE_TESTING)
        retry->tester = NULL;
}

void retry_leave(struct retry *retry, const struct item *item)
{
    if (retry->tester == item) {
        pace_ended(&retry->pace, PACE_NO_ANSWER, clock_seconds());
        retry->tester = NULL;
    }
    if (retry->refused == item)
        retry->refused = NULL;
}

bool retry_again(struct retry *retry, struct item *item, const struct verdict *verdict, enum item_step step)
{
    double now = clock_seconds(), delay = 0;

    if (!policy_again(verdict, &retry->limits, item->tries, item->resolved_again))
        return false;
    item->step = step;
    if (verdict->kind == POLICY_EXPIRED) {
        item->resolved_again = true;
        item->step = ITEM_RESOLVE;
    } else {
        delay = policy_delay(&retry->limits, item->tries, random_unit());
        item->tries++;
    }
    /* After a refusal the item waits longer than the pause, so that another one is the tester: the source may refuse
     * this video only. Not much longer than the time that the source has named. */
    if (verdict->kind == POLICY_PAUSE && verdict->after > 0)
        delay = fmin(delay, verdict->after / 10);
    item->not_before = (verdict->kind == POLICY_PAUSE ? pace_resumes(&retry->pace, now) : now) + delay;
    if (verdict->kind == POLICY_PAUSE)
        console_say(retry->console, CONSOLE_INFO, "%s: %s (%s); it is tried again after the pause", item->input.id,
                    verdict->error.message, error_word_name(verdict->error.word));
    else
        console_say(retry->console, CONSOLE_INFO, "%s: %s (%s); it is tried again in %.1f seconds", item->input.id,
                    verdict->error.message, error_word_name(verdict->error.word), delay);
    return true;
}

bool retry_has_given_up(const struct retry *retry)
{
    return retry->pace.state == PACE_GIVEN_UP;
}
