/* Equal failures of different videos, without a success between them: what fails is the source, the resolver or the
 * network, and not the videos. Pure functions; `now` is seconds on any monotonic clock. */
#ifndef TH_FETCH_POLICY_STREAK_H
#define TH_FETCH_POLICY_STREAK_H

#include <stdbool.h>

#include "common/error.h"

/* Who was asked. */
enum streak_source {
    STREAK_PAGES,   /* the resolver, about a page */
    STREAK_MEDIA,   /* the server of an address that the resolver gave */
    STREAK_ARCHIVE, /* the server of a URL that the user gave */
    STREAK_SOURCES
};

enum streak_result {
    STREAK_NONE,  /* the failure counts for its video, at once */
    STREAK_HOLD,  /* it counts for its video when a success or another failure follows, and not when it repeats */
    STREAK_MARK,  /* the source is to blame, and is asked further: it may have other videos */
    STREAK_PAUSE, /* the source is to blame: all wait, then it is asked again */
    STREAK_STOP   /* the source is to blame, and is asked no more */
};

/* A request that failed. */
struct streak_failure {
    const char *id, *url; /* of the video */
    const struct error *error;
    bool is_last; /* the video is not tried again */
    double start; /* of the request */
};

struct streak {
    enum streak_source source;
    double patience;                /* seconds that connections must have failed before they are given up */
    const struct streak_rule *rule; /* of the failures so far; NULL: there are none */
    bool has_served;                /* something has succeeded, at any time */
    bool is_several;                /* the failures are those of more than one video */
    int requests, videos;           /* that failed: requests; videos, for the last time */
    double since;                   /* start of the first request */
    char id[256], host[256];        /* of the first video */
    char words[480];                /* its message without what differs between videos */
};

/* Times --retry-delay: as long as a video is tried again four times. 30 seconds by default. */
enum { STREAK_PATIENCE = 15 };

void streak_init(struct streak *streak, enum streak_source source, double patience);

/* A request has succeeded: what failed before counts for the videos. */
void streak_served(struct streak *streak);

/* Whether failures with that word can be the source's. */
bool streak_counts(const struct streak *streak, enum error_word word);

/* Whether the failure is equal to those before. When not, those before count for their videos. */
bool streak_continues(const struct streak *streak, const struct streak_failure *failure);

/* Counts the failure. */
enum streak_result streak_add(struct streak *streak, const struct streak_failure *failure, double now);

/* Whether the source is to blame for the failures that were held, when nothing follows. */
bool streak_ends_in_blame(const struct streak *streak);

/* Whether equal failures have reached their limit, and nothing has succeeded since. */
bool streak_is_blamed(const struct streak *streak);

/* The error of those videos when the source is to blame; last is that of the last one. */
void streak_blame(const struct streak *streak, const struct error *last, struct error *blame);

/* One sentence on what to do when the source is to blame; NULL: none. */
const char *streak_advice(const struct streak *streak);

#endif
