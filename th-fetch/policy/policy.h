/* How transfers and resolvers ended, and what to do about it: pure functions over tables. */
#ifndef TH_FETCH_POLICY_POLICY_H
#define TH_FETCH_POLICY_POLICY_H

#include <stdbool.h>

#include "common/error.h"

/* How a transfer ended. It went well when curl_code is CURLE_OK and local.word is ERROR_NONE. */
struct transfer_outcome {
    int curl_code;      /* CURLcode */
    long status;        /* of the last response; 0 when there was none, or for file: */
    double retry_after; /* seconds that the server asks to wait; 0: it does not say */
    struct error local; /* an error of this side (the disk), or a response that makes no sense */
    char detail[256];   /* curl's message, "" when there is none */
};

/* How a resolver ended. It went well when exit_status is 0 and none of the others is set. */
struct resolver_outcome {
    int exit_status; /* -1: it was killed */
    int signal;      /* that killed it; 0: none, or th-fetch's own */
    bool hung;       /* killed after --resolver-timeout */
    bool endless;    /* killed because it printed more than 32 MiB */
    bool no_json;    /* what it printed is not a JSON object */
    char said[400];  /* the last error line of its stderr, or what is wrong with its JSON; "": nothing */
};

/* What is done about an outcome. */
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
