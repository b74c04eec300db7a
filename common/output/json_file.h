/* Reads and writes small JSON files. A file is complete or missing. */
#ifndef COMMON_OUTPUT_JSON_FILE_H
#define COMMON_OUTPUT_JSON_FILE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* Writes count values, one per line, to path (output_file.h). flags are jansson's (JSON_COMPACT, ...). The values stay
 * the caller's; if one is NULL (out of memory) it fails. 0, or -1 and error (io, disk_full). */
int json_file_save(const char *path, json_t *const *lines, size_t count, size_t flags, struct error *error);

/* The value in the regular file at path, new (json_decref). NULL when the file is missing, a link, longer than `max`
 * bytes, or not exactly one JSON value. */
json_t *json_file_load(const char *path, int64_t max);

#endif
