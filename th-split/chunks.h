/* The files that the segment muxer writes: each gets its name when it is whole; chunks that nobody wants go nowhere. */
#ifndef TH_SPLIT_CHUNKS_H
#define TH_SPLIT_CHUNKS_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "th-split/index.h"

struct chunks;

/* Whether chunk number of the video is to be written. */
typedef bool chunk_is_wanted(const void *context, size_t number);

/* Directs the files of muxer (which must be a segment muxer whose url holds the number of a chunk alone) to
 * dir/ID_NNNN.mp4. dir, id, context and muxer stay the caller's and must outlive it; free it after muxer. NULL when out
 * of memory. */
struct chunks *chunks_alloc(AVFormatContext *muxer, int video, const char *dir, const char *id, chunk_is_wanted *wanted,
                            const void *context);

/* Gives up what was not settled, frees and leaves NULL; takes NULL. */
void chunks_free(struct chunks **chunks);

/* Tells of a packet of stream `video` before it is given to the muxer: its times in the muxer's time base. 0, or -1 and
 * error. */
int chunks_note(struct chunks *chunks, const AVPacket *packet, struct error *error);

/* To be called each time that the muxer has succeeded: gives the chunks that it closed their names. 0, or -1 and error
 * (io, disk_full). */
int chunks_settle(struct chunks *chunks, struct error *error);

/* What writing met when the muxer failed, as an error of a file; false when it was not a file that failed. */
bool chunks_failure(const struct chunks *chunks, struct error *error);

/* Removes all chunks that chunks_settle named. */
void chunks_undo(struct chunks *chunks);

/* The chunks that were settled, *count of them; the array (free()) becomes the caller's. */
struct chunk_facts *chunks_take(struct chunks *chunks, size_t *count);

#endif
