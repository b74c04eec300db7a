/* When requests to the source may start: some time apart, and none during the pause after a refusal. `now` is seconds
 * on any monotonic clock. */
#ifndef TH_FETCH_POLICY_PACE_H
#define TH_FETCH_POLICY_PACE_H

#include <stdbool.h>

struct pace_limits {
    double first;            /* the earliest first start, on the clock of `now` */
    double min_gap, max_gap; /* seconds between starts, chosen at random between them */
    double pause;   /* seconds of a pause whose length the source does not say; doubled for each such in a row */
    int max_pauses; /* pauses in a row after which the source is given up; those of one video in a row count as one */
};

/* Seconds: the longest pause that the source did not ask for; a source that asks for more than PACE_AFTER_MAX is given
 * up at once. */
enum { PACE_PAUSE_MAX = 1800, PACE_AFTER_MAX = 6 * 3600 };

struct pace {
    struct pace_limits limits;
    enum pace_state {
        PACE_OPEN,
        PACE_PAUSED,  /* until `until` */
        PACE_TESTING, /* one video, the tester, makes its requests; the others wait for the result */
        PACE_GIVEN_UP
    } state;
    double next; /* the earliest next start */
    double until;
    double since;  /* start of the newest pause or test; refusals of requests that started before are ignored */
    int pauses;    /* in a row; 0 while open */
    int strikes;   /* the same, but those of one video in a row count as one */
    int doublings; /* the same, but only those whose length the source did not say */
};

void pace_init(struct pace *pace, const struct pace_limits *limits);

/* Whether a request may start now. When not, *wake is when to ask again (infinity: when another request has ended).
 * is_first: it is the first of its video, so that the gap to the video before applies. is_tester: its video is the
 * tester (read in PACE_TESTING only). */
bool pace_may_start(const struct pace *pace, bool is_first, bool is_tester, double now, double *wake);

/* A request that may start has started. When the state is PACE_TESTING afterwards, its video is the tester.
 * 0 <= random < 1. */
void pace_started(struct pace *pace, bool is_first, double now, double random);

/* The request that started at `start` was refused because there are too many. after: seconds that the source asks to
 * wait, 0: it does not say. is_same: a refusal of the same video began the pause before. Returns the seconds of the
 * pause that begins, 0: none begins. */
double pace_refused(struct pace *pace, double start, double after, bool is_same, double now);

/* The end of the pause; `now` when there is none. */
double pace_resumes(const struct pace *pace, double now);

/* The result of a tester's request that was not refused. */
enum pace_end {
    PACE_NO_ANSWER, /* none, and no request follows now: the next video becomes the tester at once */
    PACE_ANSWER,    /* an answer, but no video yet: the test continues with the tester's next request */
    PACE_SERVED     /* the video has begun to come, or is permanently refused: all may continue */
};

/* The tester's request has ended. Does nothing in other states than PACE_TESTING. */
void pace_ended(struct pace *pace, enum pace_end end, double now);

#endif
