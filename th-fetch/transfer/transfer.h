/* Downloads into parts with libcurl's multi interface, in the caller's event loop, without threads. */
#ifndef TH_FETCH_TRANSFER_TRANSFER_H
#define TH_FETCH_TRANSFER_TRANSFER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/output/byte_ranges.h"
#include "th-fetch/options.h"
#include "th-fetch/policy/policy.h"
#include "th-fetch/transfer/part.h"
#include "th-fetch/transfer/space.h"

struct transfers;

/* Its texts must outlive the transfer. */
struct transfer_request {
    const char *url;
    char *const *headers;             /* "Name: value", ended by NULL; NULL: none */
    int64_t piece;                    /* bytes of each request; 0: all in one */
    bool may_be_file;                 /* url may be a file: URL */
    struct stat file;                 /* the file that it names then */
    const struct byte_ranges *wanted; /* of a partial: what is to be downloaded next; NULL: all of the file */
};

/* The first bytes of a request have come, and the part knows how many there will be. False ends the transfer; what has
 * come is lost. */
typedef bool transfer_began(void *owner, void *item);

/* A transfer has ended. item is what it was started with; outcome lives during the call. */
typedef void transfer_done(void *owner, void *item, const struct transfer_outcome *outcome);

/* NULL when out of memory. Transfers wait while space is short. settings and space must outlive it. */
struct transfers *transfers_alloc(const struct fetch_settings *settings, struct space *space, transfer_began *began,
                                  transfer_done *done, void *owner);

/* Aborts what still runs, without a call of `done`; the parts stay the caller's. Leaves NULL; takes NULL. */
void transfers_free(struct transfers **transfers);

/* The number of transfers that run. */
int transfers_running(const struct transfers *transfers);

/* Starts to download what request names into part, from where part ends. part must stay open until `done`. 0, or -1 and
 * error (io); then nothing is called back.
 *
 * Of a partial it downloads the wanted bytes that are missing; there must be some (partial_want). Of a file of which
 * nothing has come yet it downloads the first bytes only. Where the server gives no ranges, part becomes an ordinary
 * part during the transfer, and all of the file is downloaded; the outcome says why. */
int transfers_start(struct transfers *transfers, const struct transfer_request *request, struct part *part, void *item,
                    struct error *error);

/* Waits like poll() and drives the transfers meanwhile; calls `done` for those that end. */
int transfers_wait(struct transfers *transfers, struct pollfd *fds, size_t count, int timeout_ms);

#endif
