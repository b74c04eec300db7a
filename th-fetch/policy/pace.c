#include "th-fetch/policy/pace.h"

#include <math.h>

void pace_init(struct pace *pace, const struct pace_limits *limits)
{
    *pace = (struct pace){.limits = *limits, .state = PACE_OPEN, .next = limits->first, .since = -INFINITY};
}

bool pace_may_start(const struct pace *pace, bool is_first, bool is_tester, double now, double *wake)
{
    if (pace->state == PACE_PAUSED)
        *wake = pace->until;
    else if (pace->state == PACE_OPEN || (pace->state == PACE_TESTING && is_tester))
        *wake = is_first ? pace->next : now;
    else
        *wake = INFINITY;
    return now >= *wake;
}

void pace_started(struct pace *pace, bool is_first, double now, double random)
{
    double gap = pace->limits.max_gap > pace->limits.min_gap ? pace->limits.max_gap - pace->limits.min_gap : 0;
    if (is_first)
        pace->next = now + pace->limits.min_gap + gap * random;
    if (pace->state == PACE_PAUSED) {
        pace->state = PACE_TESTING;
        pace->since = now;
    }
}

/* What the source asks for, else limits.pause, doubled for each such pause in a row. */
static double pause_length(struct pace *pace, double after)
{
    return after > 0 ? after : fmin(ldexp(pace->limits.pause, pace->doublings++), PACE_PAUSE_MAX);
}

double pace_refused(struct pace *pace, double start, double after, bool is_same, double now)
{
    if (pace->state == PACE_GIVEN_UP || start < pace->since)
        return 0;
    pace->pauses++;
    pace->strikes += !is_same || pace->strikes == 0;
    if (pace->strikes > pace->limits.max_pauses || after > PACE_AFTER_MAX) {
        pace->state = PACE_GIVEN_UP;
        return 0;
    }
    double length = pause_length(pace, after);
    pace->state = PACE_PAUSED;
    /* A request that starts at this very moment belongs to the time after the refusal. */
    pace->since = nextafter(now, INFINITY);
    pace->until = now + length;
    return length;
}

double pace_resumes(const struct pace *pace, double now)
{
    return pace->state == PACE_PAUSED && pace->until > now ? pace->until : now;
}

void pace_ended(struct pace *pace, enum pace_end end, double now)
{
    if (pace->state != PACE_TESTING || end == PACE_ANSWER)
        return;
    if (end == PACE_SERVED) {
        pace->state = PACE_OPEN;
        pace->pauses = pace->strikes = pace->doublings = 0;
    } else {
        pace->state = PACE_PAUSED;
        pace->until = now;
    }
}
