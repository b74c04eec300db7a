/* What came of one step: plain data that the steps fill in and the policy judges. */
#ifndef TH_FETCH_POLICY_OUTCOME_H
#define TH_FETCH_POLICY_OUTCOME_H

#include <stdbool.h>

#include "common/error.h"

/* Of a transfer. It went well when curl_code is CURLE_OK and local.word is ERROR_NONE. */
struct transfer_outcome {
    int curl_code;      /* CURLcode */
    long status;        /* of the last response; 0 when there was none, or for file: */
    double retry_after; /* seconds that the server asks to wait; 0 when it does not say */
    struct error local; /* what failed on this side (the disk), or in the response's form */
    char detail[256];   /* curl's own words */
};

/* Of a resolver. It went well when exit_status is 0 and none of the others is set. */
struct resolver_outcome {
    int exit_status; /* -1 when it did not exit by itself */
    int signal;      /* that killed it; 0: none */
    bool hung;       /* killed after --resolver-timeout */
    bool endless;    /* killed because it printed too much */
    bool no_json;    /* what it printed is not a JSON object */
    char said[400];  /* the last error line of its stderr, or what is wrong with its JSON; "" when there is none */
};

#endif
