/* What to do about what came out: pure functions over tables. */
#ifndef TH_FETCH_POLICY_POLICY_H
#define TH_FETCH_POLICY_POLICY_H

#include <stdbool.h>

#include "common/error.h"
#include "th-fetch/policy/outcome.h"

/* How an outcome is met. */
enum policy_kind {
    POLICY_GOOD,       /* nothing failed */
    POLICY_GIVE_UP,    /* this run need not try again; whether a later one may, is the error word's class */
    POLICY_RETRY,      /* again after a while, --retries times */
    POLICY_RETRY_ONCE, /* again, but one time is enough to see that it stays so */
    POLICY_PAUSE,      /* the source wants fewer requests: everything waits */
    POLICY_EXPIRED     /* the resolved URL no longer holds: ask the resolver once more */
};

/* after: seconds that the other side asks to wait, 0 when it does not say; more than 0 only with POLICY_PAUSE, and with
 * those kinds that wait for nothing, POLICY_GIVE_UP and POLICY_EXPIRED. */
struct verdict {
    enum policy_kind kind;
    struct error error;
    double after;
};

/* A transfer's end. resolved: its URL came from the resolver, and so may have expired. */
void policy_transfer(const struct transfer_outcome *outcome, bool resolved, struct verdict *verdict);

/* A resolver's end. */
void policy_resolver(const struct resolver_outcome *outcome, struct verdict *verdict);

/* An error of this side: of the probe, of the resolver's answer, of the disk. */
void policy_local(const struct error *error, struct verdict *verdict);

struct policy_limits {
    int retries;  /* of one video */
    double delay; /* seconds before the first retry; doubled for each that follows */
};

enum { POLICY_DELAY_MAX = 300 /* seconds */ };

/* Whether a video that was tried again `tries` times, and (resolved_again) resolved anew, is tried again. */
bool policy_again(const struct verdict *verdict, const struct policy_limits *limits, int tries, bool resolved_again);

/* Seconds until the next try: exponential, with jitter from random (0 <= random < 1). */
double policy_delay(const struct policy_limits *limits, int tries, double random);

#endif
