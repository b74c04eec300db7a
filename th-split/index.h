/* The index file of a video that was split. With it a rerun does not have to read the video again. */
#ifndef TH_SPLIT_INDEX_H
#define TH_SPLIT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cut/chunk_range.h"
#include "common/error.h"
#include "common/output/file_stamp.h"

struct chunk_facts {
    int64_t frames;         /* packets of the video stream in this chunk */
    double start, duration; /* seconds; start is counted from the start of the video */
    bool is_written;        /* false: the chunk was only counted */
    struct file_stamp file; /* of a written chunk */
    bool has_range;
    struct chunk_range range; /* where the chunk is in the video */
};

struct split_index {
    double seconds;           /* --seconds of that run */
    struct file_stamp source; /* of the video file */
    int width, height;
    double fps;
    char dropped[400]; /* the streams that were left out, as text; empty when none was */
    size_t count;      /* of chunks, written or not */
    struct chunk_facts *chunks;
};

/* Frees and sets *index to NULL; takes NULL. */
void split_index_free(struct split_index **index);

/* Reads the index of video id. 0 and *index, or -1 and error (io when there is no file, unreadable when it is damaged
 * or belongs to another video). */
int split_index_load(struct split_index **index, const char *path, const char *id, struct error *error);

/* Writes the index and renames it into place. 0, or -1 and error (io, disk_full). */
int split_index_save(const struct split_index *index, const char *path, const char *id, struct error *error);

/* Clears is_written of each chunk whose file in dir is missing or another (file_stamp_renew). True when the time of one
 * was renewed. */
bool split_index_check_files(struct split_index *index, const char *dir, const char *id);

/* Writes the name of chunk number, ID_NNNN, to name (NAME_CHUNK_MAX + 1 bytes). */
void split_index_chunk_name(char *name, const char *id, size_t number);

/* The path dir/ID_NNNN.mp4 of its file. New (free()), NULL when out of memory. */
char *split_index_chunk_path(const char *dir, const char *id, size_t number);

#endif
