/* Names of videos, chunks and clips, and the checks that they pass before they become paths. */
#ifndef COMMON_NAME_H
#define COMMON_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

/* Bytes of the longest video id and chunk name; a clip name and a temporary file's name still fit in NAME_MAX (255). */
enum { NAME_ID_MAX = 128, NAME_CHUNK_MAX = 144, NAME_CLIP_MAX = 220 };

/* 0 when name can be one component of a path: not empty, at most NAME_CLIP_MAX bytes of UTF-8, no `/`, no `..`, no
 * control character, not starting with `.`. Otherwise -1 and error (bad_id) quotes what is wrong. A leading `-` is
 * fine: paths are built as DIR/NAME. */
int name_check(const char *name, struct error *error);

/* The same for a video id: at most NAME_ID_MAX bytes. */
int name_check_id(const char *id, struct error *error);

/* The video id within a chunk name ID_NNNN: its length in bytes and, when number is not NULL, the chunk's number, which
 * is what follows the last `_` (4 digits or more). 0 when chunk has not that form. */
size_t name_chunk_id(const char *chunk, long *number);

/* "DIR/NAME SUFFIX" in new memory (free()), NULL when out of memory. */
char *name_path(const char *dir, const char *name, const char *suffix);

/* The name within path, without folders and without the suffix when it ends so, in new memory (free()); NULL when out
 * of memory. */
char *name_from_path(const char *path, const char *suffix);

#endif
