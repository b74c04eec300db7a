/* Downloads into parts by libcurl's multi interface: all in the caller's one loop, no thread. */
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
    const char *proxy;      /* URL; NULL: as the environment says */
    const char *cookies;    /* file in Netscape's format; NULL: none */
    double connect_timeout; /* seconds */
    double low_speed_time;  /* seconds at (nearly) nothing after which a transfer is given up; 0: never */
    int64_t limit_rate;     /* bytes a second of all transfers together; 0: no limit */
    int64_t connections;    /* open at a time, at most */
    int64_t max_bytes;      /* of one file: a longer one is no_format */
    struct space *space;    /* transfers wait while it is short; lives as long as they */
    bool verbose;           /* curl says on stderr what it does */
};

struct transfer_request {
    const char *url;
    char *const *headers; /* "Name: value", ended by NULL; NULL: none */
    int64_t piece;        /* bytes of each request; 0: all in one */
    bool may_be_file;     /* url may be a file: URL */
};

/* The bytes that were asked for have begun to come. */
typedef void transfer_began(void *owner, void *item);

/* A transfer has ended. item is what it was started with; outcome lives during the call. */
typedef void transfer_done(void *owner, void *item, const struct transfer_outcome *outcome);

/* NULL when out of memory. options' texts must outlive it. */
struct transfers *transfers_alloc(const struct transfer_options *options, transfer_began *began, transfer_done *done,
                                  void *owner);

/* Aborts what still runs, without telling; the parts stay the caller's. Leaves NULL; takes NULL. */
void transfers_free(struct transfers **transfers);

/* Transfers that run. */
int transfers_running(const struct transfers *transfers);

/* Starts to fill part (which must stay open until `done`, and goes on where it ends) with what request names; its texts
 * are copied. 0, or -1 and error (io); then nothing is called back. */
int transfers_start(struct transfers *transfers, const struct transfer_request *request, struct part *part, void *item,
                    struct error *error);

/* Waits as poll() does, serving the transfers meanwhile; calls `done` for those that end. */
int transfers_wait(struct transfers *transfers, struct pollfd *fds, size_t count, int timeout_ms);

#endif
