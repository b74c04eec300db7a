/* Small files of JSON, which are whole or not there. */
#ifndef COMMON_OUTPUT_JSON_FILE_H
#define COMMON_OUTPUT_JSON_FILE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* Writes the count values, one a line, in jansson's form `flags` (JSON_COMPACT, ...) as the file path (output_file.h).
 * They stay the caller's; a NULL among them is one that could not be made, and fails. 0, or -1 and error (io,
 * disk_full). */
int json_file_save(const char *path, json_t *const *lines, size_t count, size_t flags, struct error *error);

/* The one value of the regular file path, new (json_decref). NULL when there is no such file, when it is a link, longer
 * than `max` bytes, or not JSON. */
json_t *json_file_load(const char *path, int64_t max);

#endif
