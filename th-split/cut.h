/* Cuts one video into chunks by stream copy, at the same packets as the ffmpeg program with its segment muxer. */
#ifndef TH_SPLIT_CUT_H
#define TH_SPLIT_CUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "common/stage/jobs.h"
#include "th-split/index.h"

/* True when chunk `number` of the video is to be written; the others are only counted. */
typedef bool chunk_is_wanted(const void *context, size_t number);

/* What to cut; the caller owns all of it. */
struct cut_request {
    const char *source;      /* path of the video */
    const char *dir, *id;    /* chunks become dir/id_NNNN.mp4 */
    double seconds;          /* length of a chunk, which ends before the first key frame from there on */
    chunk_is_wanted *wanted; /* NULL: write no chunk */
    const void *context;     /* passed to wanted */
    struct job *job;         /* job_alive is called for each packet */
};

/* Writes the wanted chunks and describes all of them in *index (split_index_free). 0, or -1 and error (unreadable,
 * no_video, no_format, io, disk_full); then some chunks may be there. */
int cut_video(const struct cut_request *request, struct split_index **index, struct error *error);

#endif
