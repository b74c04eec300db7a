/* Shared by transfer.c (one transfer), request.c (each of its requests), body.c (what comes) and transfers.c (all
 * transfers). */
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
    struct transfer_request request;
    struct part *part;
    void *item;
    struct byte_ranges missing; /* of a partial: what the transfer has to download */
    int64_t done;               /* of those, the ones before this byte have come */
    int64_t start;              /* byte of the file with which the request begins */
    int64_t end;                /* of a partial: byte behind those that the request asks for; otherwise INT64_MAX */
    double began_at;            /* clock_seconds() */
    size_t header_bytes;        /* of the request's responses, redirects and trailers included */
    int requests_without_gain;  /* the newest ones in a row, which brought fewer than GAIN_MIN bytes */
    int restarts;               /* from byte 0, because the file had changed */
    bool has_pieces;            /* the request before brought a piece */
    bool has_begun, must_restart;
    bool is_paused; /* until disk and rate allow more */
    double paused_at;
    struct transfer_outcome outcome;
};

struct transfers {
    const struct fetch_settings *settings;
    struct space *space;
    transfer_began *began;
    transfer_done *done;
    void *owner;
    CURLM *multi;
    struct transfer *first;
    int running;
    struct rate rate;
};

/* A transfer that has not been sent and is in no list. NULL when out of memory or libcurl fails (transfer_free). */
struct transfer *transfer_alloc(struct transfers *all, const struct transfer_request *request, struct part *part,
                                void *item);

/* Takes NULL. */
void transfer_free(struct transfer *transfer);

/* Sends the next request. 0, or -1 and the error in its outcome. */
int transfer_send(struct transfer *transfer);

/* The next byte that a partial lacks, or INT64_MAX. */
int64_t transfer_next(const struct transfer *transfer);

/* Sets headers and range of the next request: from the end of the part, one piece long when there are pieces; of a
 * partial the next missing bytes. False when out of memory. */
bool transfer_set_request(struct transfer *transfer);

/* Compares the response with the part, and prepares the part for the body. 0, or -1 when the body is refused. */
int transfer_start_body(struct transfer *transfer);

/* A CURLOPT_WRITEFUNCTION and a CURLOPT_HEADERFUNCTION, with the transfer. */
size_t transfer_write(char *data, size_t one, size_t size, void *transfer);
size_t transfer_count_header(char *data, size_t one, size_t size, void *transfer);

/* A CURLOPT_PREREQFUNCTION, with the transfer: called before each request, also before those of redirects. */
int transfer_before_request(void *transfer, char *to, char *from, int to_port, int from_port);

/* Syncs what a partial has got. A failure is the outcome, unless that is an error already. */
void transfer_settle(struct transfer *transfer);

/* To be called when a request has ended: sends the next one when one is needed. False when the transfer has ended. */
bool transfer_continue(struct transfer *transfer);

#endif
