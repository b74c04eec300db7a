/* What is known of a video that was split: an index file of its own, so that a rerun need not read the video again. */
#ifndef TH_SPLIT_INDEX_H
#define TH_SPLIT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cut/chunk_range.h"
#include "common/error.h"
#include "common/output/file_stamp.h"

struct chunk_facts {
    int64_t frames;         /* packets of the video stream */
    double start, duration; /* seconds, in the whole video */
    bool is_written;        /* false: only counted */
    struct file_stamp file; /* of a written chunk */
    bool has_range;
    struct chunk_range range; /* where it stands in the video */
};

struct split_index {
    double seconds; /* the length asked for */
    struct file_stamp source;
    int width, height;
    double fps;
    char dropped[400]; /* the streams that were left out, in words; empty when none was */
    size_t count;      /* chunks in all */
    struct chunk_facts *chunks;
};

/* Frees and leaves NULL; takes NULL. */
void split_index_free(struct split_index **index);

/* Reads the index of video id. 0 and *index, or -1 and error (io when there is none, unreadable when it is damaged or
 * another's). */
int split_index_load(struct split_index **index, const char *path, const char *id, struct error *error);

/* Writes it in one step. 0, or -1 and error (io, disk_full). */
int split_index_save(const struct split_index *index, const char *path, const char *id, struct error *error);

/* Takes back is_written of each chunk whose file in dir is gone or is not the one that was written. */
void split_index_check_files(struct split_index *index, const char *dir, const char *id);

/* Writes the name of chunk number, ID_NNNN, to name (NAME_CHUNK_MAX + 1 bytes). */
void split_index_chunk_name(char *name, const char *id, size_t number);

#endif
