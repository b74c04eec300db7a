/* Watches the free space of a disk. */
#ifndef TH_FETCH_TRANSFER_SPACE_H
#define TH_FETCH_TRANSFER_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/stage/console.h"

struct space {
    const char *dir;
    int64_t min_free;        /* bytes that stay free, 0: all may be used */
    struct console *console; /* gets a warning when downloads wait and when they continue */
    double looked;           /* clock_seconds() of the last check */
    int64_t taken;           /* bytes written since then */
    bool is_short;
};

/* Seconds between two checks while space is short. */
#define SPACE_WAIT 0.25

/* dir, a folder on the disk, and console must outlive it. */
void space_init(struct space *space, const char *dir, int64_t min_free, struct console *console);

/* Whether downloads have to wait because less than min_free is left when `bytes`, which are about to be written, are
 * on the disk. */
bool space_is_short(struct space *space, size_t bytes);

#endif
