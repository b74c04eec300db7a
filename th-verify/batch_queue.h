/* Clips of one chunk gathered, so that the chunk is decoded once for all of them. */
#ifndef TH_VERIFY_BATCH_QUEUE_H
#define TH_VERIFY_BATCH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "th-verify/clip.h"

enum { BATCH_MAX = 64 }; /* clips */

struct batch {
    struct clip *clips[BATCH_MAX]; /* owned; NULL for those that are done */
    size_t count;
    double touched; /* when the last clip came, in clock_seconds() */
    bool is_ready;  /* waits for no other clip */
    struct batch *next;
};

/* Batches that wait, the oldest first. Begins zeroed but for limit. */
struct batch_queue {
    struct batch *first;
    size_t count; /* batches */
    size_t limit; /* more than that do not wait for further clips */
};

/* Adds the clip (stolen on success), to those of the same source when they are to be gathered. 0, or -1 when out of
 * memory. */
int batch_queue_add(struct batch_queue *batches, struct clip *clip, bool gather, double time);

/* Adds the clips that are left in batch, each as a batch of its own. 0, or -1 when out of memory: then batch keeps the
 * rest. */
int batch_queue_split(struct batch_queue *batches, struct batch *batch);

/* Takes the next batch that is ready: full, without a chunk, or untouched for five seconds, since th-crop's records of
 * a chunk come one by one; when there are more than limit, the one that was touched longest ago; with `all`, any. NULL
 * when none is. */
struct batch *batch_queue_next(struct batch_queue *batches, double time, bool all);

/* Frees all that wait. */
void batch_queue_clear(struct batch_queue *batches);

/* Frees *batch and leaves NULL; takes NULL. */
void batch_free(struct batch **batch);

#endif
