/* How transfers and resolvers ended, and what to do about it: pure functions. The tables of curl codes, HTTP statuses
 * and sentences of yt-dlp are in policy.c; what yt-dlp only warns about is in warning.c. */
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
    const char *whole;  /* why all of the file is downloaded, where ranges were asked for; NULL: it is not */
};

/* How a resolver ended. It went well when exit_status is 0 and none of the others is set. */
struct resolver_outcome {
    int exit_status; /* -1: it was killed */
    int signal;      /* that killed it; 0: none, or th-fetch's own */
    bool hung;       /* killed after --resolver-timeout */
    bool endless;    /* killed because it printed more than 8 MiB */
    bool no_json;    /* what it printed is not a JSON object */
    char said[400];  /* the last error line of its stderr, or what is wrong with its JSON; "": nothing */
};

/* What is done about an outcome. */
enum policy_kind {
    POLICY_GOOD,       /* nothing failed */
    POLICY_GIVE_UP,    /* not tried again in this run; the class of the error word says whether a later run may */
    POLICY_RETRY,      /* tried again after a delay, --retries times */
    POLICY_RETRY_ONCE, /* tried again one time */
    POLICY_PAUSE,      /* the source wants fewer requests: all videos wait */
    POLICY_EXPIRED     /* the resolved URL may have expired: the resolver is asked once more */
};

/* after: seconds that the source asks to wait, 0: it does not say. It counts with POLICY_PAUSE only. */
struct verdict {
    enum policy_kind kind;
    struct error error;
    double after;
};

/* Judges the end of a transfer. resolved: its URL came from the resolver, and so may have expired. */
void policy_transfer(const struct transfer_outcome *outcome, bool resolved, struct verdict *verdict);

/* Judges the end of a resolver. */
void policy_resolver(const struct resolver_outcome *outcome, struct verdict *verdict);

/* A resolver's message after "[site] ID: ", because an id may contain any phrase. */
const char *policy_without_id(const char *said);

/* Judges an error of this side: of the probe, of the resolver's answer, of the disk. */
void policy_local(const struct error *error, struct verdict *verdict);

struct policy_limits {
    int retries;  /* of one video */
    double delay; /* seconds before the first retry; doubled for each further one */
};

enum { POLICY_DELAY_MAX = 300 /* seconds */ };

/* Whether a video is tried again that has been tried again `tries` times, and resolved again (resolved_again). */
bool policy_again(const struct verdict *verdict, const struct policy_limits *limits, int tries, bool resolved_again);

/* Seconds until the next try: exponential, with jitter from random (0 <= random < 1). */
double policy_delay(const struct policy_limits *limits, int tries, double random);

enum { POLICY_WAIT_MAX = 600 /* seconds */ };

/* Seconds to wait before a video is downloaded that is available at available_at (0: at once), at most
 * POLICY_WAIT_MAX. Both are Unix times. */
double policy_wait(double available_at, double unix_now);

#endif
