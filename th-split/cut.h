/* One video, cut into chunks by stream copy, just where the ffmpeg program's segment muxer cuts it. */
#ifndef TH_SPLIT_CUT_H
#define TH_SPLIT_CUT_H

#include "common/error.h"
#include "th-split/chunks.h"
#include "th-split/index.h"

/* What to cut. */
struct cut_request {
    const char *source; /* path of the video */
    const char *dir, *id;
    double seconds;              /* the length of a chunk; it ends before the first key frame after that */
    chunk_is_wanted *wanted;     /* NULL: none is to be written */
    const void *context;         /* for wanted */
    void (*alive)(void *moving); /* called now and then */
    void *moving;
};

/* Writes the wanted chunks and tells of all where they stand. 0 and *index (split_index_free), or -1 and error
 * (unreadable, no_video, no_format, io, disk_full); of an unreadable video no chunk is left. */
int cut_video(const struct cut_request *request, struct split_index **index, struct error *error);

#endif
