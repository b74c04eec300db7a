/* The file of a chunk: the one on disk, or a copy in memory that is cut from the video again. */
#ifndef COMMON_CUT_CHUNK_FILE_H
#define COMMON_CUT_CHUNK_FILE_H

#include "common/cut/chunk_range.h"
#include "common/error.h"

struct chunk_file;

/* Called for each packet that is read, to show progress. */
struct chunk_file_watch {
    void (*alive)(void *self); /* may be NULL */
    void *self;
};

/* range NULL: source is the chunk's file. Otherwise source is the video, and the chunk at range is cut from it into
 * memory, with the same bytes as its file; the memory is held until chunk_file_close. watch may be NULL. 0 and *file
 * (chunk_file_close), or -1 and error: io when the video is not the one that was split, unreadable, no_video. Packets
 * of a partly downloaded video that are not there are marked (partial_file_is_marked). */
int chunk_file_open(struct chunk_file **file, const char *source, const struct chunk_range *range,
                    const struct chunk_file_watch *watch, struct error *error);

/* A path at which this process, and no other, can open it for reading any number of times; owned by file. */
const char *chunk_file_path(const struct chunk_file *file);

/* Frees and leaves NULL; takes NULL. */
void chunk_file_close(struct chunk_file **file);

#endif
