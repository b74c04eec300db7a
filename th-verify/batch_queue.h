/* Gathers clips of one chunk, so that the chunk is decoded once for all of them. */
#ifndef TH_VERIFY_BATCH_QUEUE_H
#define TH_VERIFY_BATCH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "th-verify/clip.h"

enum { BATCH_MAX = 64 }; /* clips */

struct verify_schedule;

struct batch {
    struct clip *clips[BATCH_MAX]; /* owned; NULL for those that are done */
    size_t count;
    double touched; /* when the last clip came, in clock_seconds() */
    bool is_ready;  /* waits for no other clip */
    struct batch *next;
    struct verify_schedule *schedule; /* that runs it; not owned */
};

/* Batches that wait, the oldest first. Begins zeroed except for limit. */
struct batch_queue {
    struct batch *first;
    size_t count; /* batches */
    size_t limit; /* when there are more, the least recently touched one waits no longer */
};

/* Adds the clip (stolen on success): with `gather` to a batch of the same source, otherwise as a batch that is ready.
 * 0, or -1 when out of memory. */
int batch_queue_add(struct batch_queue *batches, struct clip *clip, bool gather, double time);

/* Moves the clips that batch still has into batches of one clip each. 0, or -1 when out of memory: then batch keeps the
 * rest. */
int batch_queue_split(struct batch_queue *batches, struct batch *batch);

/* Takes the first batch (batch_free) that is ready: full, without a chunk, or untouched for five seconds, since
 * th-crop's records of a chunk come one by one; with `all`, any. When none is and there are more than limit, takes the
 * least recently touched one. NULL when none is taken. */
struct batch *batch_queue_next(struct batch_queue *batches, double time, bool all);

/* Frees all that wait. */
void batch_queue_clear(struct batch_queue *batches);

/* Frees *batch and leaves NULL; takes NULL. */
void batch_free(struct batch **batch);

#endif
