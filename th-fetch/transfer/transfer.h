/* Downloads into parts with libcurl's multi interface, in the caller's event loop, without threads. */
#ifndef TH_FETCH_TRANSFER_TRANSFER_H
#define TH_FETCH_TRANSFER_TRANSFER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "th-fetch/policy/outcome.h"
#include "th-fetch/transfer/part.h"
#include "th-fetch/transfer/space.h"

struct transfers;

struct transfer_options {
    const char *proxy;      /* URL; NULL: that of the environment */
    const char *cookies;    /* file in Netscape's format; NULL: none */
    double connect_timeout; /* seconds */
    double low_speed_time;  /* seconds of (nearly) no data after which a transfer fails; 0: never */
    int64_t limit_rate;     /* bytes a second of all transfers together; 0: no limit */
    int64_t connections;    /* open at a time, at most */
    int64_t max_bytes;      /* of one file; a longer one fails with no_format */
    struct space *space;    /* transfers wait while it is short; must outlive them */
    bool verbose;           /* curl logs to stderr */
};

/* Its texts must outlive the transfer. */
struct transfer_request {
    const char *url;
    char *const *headers; /* "Name: value", ended by NULL; NULL: none */
    int64_t piece;        /* bytes of each request; 0: all in one */
    bool may_be_file;     /* url may be a file: URL */
};

/* The first bytes of a transfer have come. */
typedef void transfer_began(void *owner, void *item);

/* A transfer has ended. item is what it was started with; outcome lives during the call. */
typedef void transfer_done(void *owner, void *item, const struct transfer_outcome *outcome);

/* NULL when out of memory. options' texts must outlive it. */
struct transfers *transfers_alloc(const struct transfer_options *options, transfer_began *began, transfer_done *done,
                                  void *owner);

/* Aborts what still runs, without a call of `done`; the parts stay the caller's. Leaves NULL; takes NULL. */
void transfers_free(struct transfers **transfers);

/* The number of transfers that run. */
int transfers_running(const struct transfers *transfers);

/* Starts to download what request names into part, from where part ends. part must stay open until `done`. 0, or -1 and
 * error (io); then nothing is called back. */
int transfers_start(struct transfers *transfers, const struct transfer_request *request, struct part *part, void *item,
                    struct error *error);

/* Waits like poll() and drives the transfers meanwhile; calls `done` for those that end. */
int transfers_wait(struct transfers *transfers, struct pollfd *fds, size_t count, int timeout_ms);

#endif
