/* Checks the names of videos, chunks and clips, and makes paths from them. */
#ifndef COMMON_NAME_H
#define COMMON_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

/* Bytes of the longest video id and chunk name; a clip name and a temporary file's name still fit in NAME_MAX (255). */
enum { NAME_ID_MAX = 128, NAME_CHUNK_MAX = 144, NAME_CLIP_MAX = 220 };

/* 0 when name can be one component of a path: not empty, at most NAME_CLIP_MAX bytes of UTF-8, no `/`, no `..`, no
 * control character, not starting with `.`. Otherwise -1 and error (bad_id). A leading `-` is allowed: paths are
 * DIR/NAME. */
int name_check(const char *name, struct error *error);

/* The same for a video id: at most NAME_ID_MAX bytes. */
int name_check_id(const char *id, struct error *error);

/* The video id within a chunk name ID_NNNN: its length in bytes. *number (may be NULL) gets the chunk's number, the 4
 * or more digits after the last `_`. 0 when chunk does not have this form. */
size_t name_chunk_id(const char *chunk, long *number);

/* "DIR/NAME SUFFIX" in new memory (free()), NULL when out of memory. */
char *name_path(const char *dir, const char *name, const char *suffix);

/* The last component of path, without suffix if it ends with it, in new memory (free()); NULL when out of memory. */
char *name_from_path(const char *path, const char *suffix);

#endif
