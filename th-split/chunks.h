/* The files that the segment muxer writes. A file gets its name when it is complete. Chunks that are not wanted are
 * counted and discarded. */
#ifndef TH_SPLIT_CHUNKS_H
#define TH_SPLIT_CHUNKS_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/cut/cutter.h"
#include "common/error.h"
#include "th-split/index.h"

struct chunks;

/* True when chunk `number` of the video is to be written. A NULL function stands for never. */
typedef bool chunk_is_wanted(const void *context, size_t number);

/* Makes cutter, whose output exists already, write its chunks to dir/ID_NNNN.mp4. The caller keeps cutter, dir, id and
 * context, which must outlive the chunks; only cutter->output must be freed before them. NULL when out of memory. */
struct chunks *chunks_alloc(struct cutter *cutter, const char *dir, const char *id, chunk_is_wanted *wanted,
                            const void *context);

/* Discards the chunks that have no name yet, frees, and sets *chunks to NULL; takes NULL. */
void chunks_free(struct chunks **chunks);

/* Gives the chunks that the muxer has closed their names. Call it after each successful call of the muxer. 0, or -1 and
 * error (io, disk_full). */
int chunks_settle(struct chunks *chunks, struct error *error);

/* After a failed call of the muxer: true and error when writing a file failed, false when the muxer failed otherwise.
 */
bool chunks_failure(const struct chunks *chunks, struct error *error);

/* Removes all chunks that chunks_settle named. */
void chunks_undo(struct chunks *chunks);

/* The *count settled chunks of a video that was cut to its end with `seconds` per chunk. The caller frees the array
 * with free(). NULL when out of memory. */
struct chunk_facts *chunks_take(const struct chunks *chunks, double seconds, size_t *count);

#endif
