/* The space that is left on the disk, looked at now and then. */
#ifndef TH_FETCH_TRANSFER_SPACE_H
#define TH_FETCH_TRANSFER_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/stage/console.h"

struct space {
    const char *dir;
    int64_t min_free;        /* bytes that are to be left, 0: all may be taken */
    struct console *console; /* told when downloads have to wait, and when they go on */
    double looked;           /* clock_seconds() of the last look */
    int64_t taken;           /* bytes since then */
    bool is_short;
};

/* Seconds between two looks while there is too little. */
#define SPACE_WAIT 0.25

/* dir, a folder on the disk, and console must outlive it. */
void space_init(struct space *space, const char *dir, int64_t min_free, struct console *console);

/* Whether downloads have to wait, for too little is left. bytes: what is about to be written. */
bool space_is_short(struct space *space, size_t bytes);

#endif
