/* What transfer.c, which is about one transfer, and transfers.c, which is about all of them, share. */
#ifndef TH_FETCH_TRANSFER_TRANSFER_INTERNAL_H
#define TH_FETCH_TRANSFER_TRANSFER_INTERNAL_H

#include <curl/curl.h>

#include "th-fetch/transfer/rate.h"
#include "th-fetch/transfer/transfer.h"

struct transfer {
    struct transfer *next;
    struct transfers *all;
    CURL *easy;
    struct curl_slist *headers; /* those of the request, and If-Range */
    char *url, **extra_headers;
    struct part *part;
    void *item;
    int64_t piece;
    int64_t start;        /* of this request in the file, bytes */
    int requests_in_vain; /* on end: those that brought (nearly) no byte */
    int restarts;         /* from the start, for the file had changed */
    bool has_pieces;      /* the request before brought one */
    bool may_be_file, has_begun, must_restart;
    bool is_paused; /* until disk and rate allow more */
    double paused_at;
    struct transfer_outcome outcome;
    char detail[CURL_ERROR_SIZE];
};

struct transfers {
    struct transfer_options options;
    transfer_began *began;
    transfer_done *done;
    void *owner;
    CURLM *multi;
    struct transfer *first;
    int running;
    struct rate rate;
};

/* A transfer that is not sent yet and in no list. NULL when out of memory or libcurl fails (transfer_free). */
struct transfer *transfer_alloc(struct transfers *all, const struct transfer_request *request, struct part *part,
                                void *item);

/* Takes NULL. */
void transfer_free(struct transfer *transfer);

/* Sends the next request. 0, or -1 and the error in its outcome. */
int transfer_send(struct transfer *transfer);

/* What the request that has ended leaves to be done: true when another one has been sent. */
bool transfer_goes_on(struct transfer *transfer);

#endif
