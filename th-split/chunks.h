/* The files that the segment muxer writes: each gets its name when it is whole; chunks that nobody wants go nowhere. */
#ifndef TH_SPLIT_CHUNKS_H
#define TH_SPLIT_CHUNKS_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/cut/cutter.h"
#include "common/error.h"
#include "th-split/index.h"

struct chunks;

/* Whether chunk number of the video is to be written; NULL stands for never. */
typedef bool chunk_is_wanted(const void *context, size_t number);

/* Directs the chunks of cutter, whose output is made, to dir/ID_NNNN.mp4. cutter, dir, id and context stay the caller's
 * and must outlive it, but for the output, which is to be freed before it. NULL when out of memory. */
struct chunks *chunks_alloc(struct cutter *cutter, const char *dir, const char *id, chunk_is_wanted *wanted,
                            const void *context);

/* Gives up what was not settled, frees and leaves NULL; takes NULL. */
void chunks_free(struct chunks **chunks);

/* To be called each time that the muxer has succeeded: gives the chunks that it closed their names. 0, or -1 and error
 * (io, disk_full). */
int chunks_settle(struct chunks *chunks, struct error *error);

/* What writing met when the muxer failed, as an error of a file; false when it was not a file that failed. */
bool chunks_failure(const struct chunks *chunks, struct error *error);

/* Removes all chunks that chunks_settle named. */
void chunks_undo(struct chunks *chunks);

/* The chunks that were settled, *count of them, of a video that was cut to its end in pieces of `seconds`; the array
 * (free()) becomes the caller's. NULL when out of memory. */
struct chunk_facts *chunks_take(const struct chunks *chunks, double seconds, size_t *count);

#endif
