/* When requests to the source may start: not too soon after one another, and after a refusal not at all for a while.
 * Knows no clock of its own: `now` is seconds on any clock that only goes forward. */
#ifndef TH_FETCH_POLICY_PACE_H
#define TH_FETCH_POLICY_PACE_H

#include <stdbool.h>

struct pace_limits {
    double min_gap, max_gap; /* seconds between starts, chosen at random between them */
    double pause;            /* seconds of the first pause; doubled for each that follows at once */
    int max_pauses;          /* pauses on end after which the source is given up; a video's on end count as one */
};

/* Seconds. A wait longer than the former is obeyed only when the source asks for it; one longer than the latter is a no
 * for this run. */
enum { PACE_PAUSE_MAX = 1800, PACE_AFTER_MAX = 6 * 3600 };

struct pace {
    struct pace_limits limits;
    enum pace_state {
        PACE_OPEN,
        PACE_PAUSED,  /* until `until` */
        PACE_TESTING, /* one video, the tester, makes its requests; the others wait for what becomes of them */
        PACE_GIVEN_UP
    } state;
    double next; /* the earliest next start */
    double until;
    double since; /* start of the newest pause, or of the newest test: what started before tells nothing new */
    int pauses;   /* on end, which get longer; 0 while open */
    int strikes;  /* the same without those that the video of the pause before was refused for again */
};

/* Makes pace one that has seen no request. */
void pace_init(struct pace *pace, const struct pace_limits *limits);

/* Whether a request may start now. When not, *wake is when to ask again (infinity: when something has happened).
 * is_first: it is the first for its video, which keeps the distance to the one before. is_tester: its video is the one
 * that tests (of no meaning in other states). */
bool pace_may_start(const struct pace *pace, bool is_first, bool is_tester, double now, double *wake);

/* A request starts that may. When the state is PACE_TESTING afterwards, its video is the tester. 0 <= random < 1. */
void pace_started(struct pace *pace, bool is_first, double now, double random);

/* The request that started at `start` was refused because there are too many; `after`: seconds that the source asks to
 * wait, 0 when it does not say. is_same: its video was refused for the pause before, too. Returns the seconds of the
 * pause that begins, 0 when none does. */
double pace_refused(struct pace *pace, double start, double after, bool is_same, double now);

/* When requests may start again, as far as is known: `now` when they may already. */
double pace_resumes(const struct pace *pace, double now);

/* What came of a tester's request that was not refused. */
enum pace_end {
    PACE_NO_ANSWER, /* nothing, and no other follows now: the next video tests, at once */
    PACE_ANSWER,    /* an answer, but no video yet: the test goes on with the tester's next request */
    PACE_SERVED     /* the video has begun to come, or the source said for certain that it will not: all go on */
};

/* The tester's request came to that. Nothing happens when no test is under way. */
void pace_ended(struct pace *pace, enum pace_end end, double now);

#endif
