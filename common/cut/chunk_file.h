/* The file of a chunk: the one that th-split wrote, or one in memory that is made again from the video. */
#ifndef COMMON_CUT_CHUNK_FILE_H
#define COMMON_CUT_CHUNK_FILE_H

#include "common/cut/chunk_range.h"
#include "common/error.h"

struct chunk_file;

/* Called now and then while the video is read. */
struct chunk_file_watch {
    void (*alive)(void *self); /* may be NULL */
    void *self;
};

/* The chunk that the file source is when range is NULL, otherwise the one at range of the video source. What is made
 * again has the bytes of the chunk's file; it takes memory of that size until it is closed, and no place on disk. 0 and
 * *file (chunk_file_close), or -1 and error: io when the video is not the one that was split, unreadable, no_video. */
int chunk_file_open(struct chunk_file **file, const char *source, const struct chunk_range *range,
                    const struct chunk_file_watch *watch, struct error *error);

/* A path at which this process can open it for reading, as often as it likes; owned by file. */
const char *chunk_file_path(const struct chunk_file *file);

/* Frees and leaves NULL; takes NULL. */
void chunk_file_close(struct chunk_file **file);

#endif
