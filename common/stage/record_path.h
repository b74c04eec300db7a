/* The paths of records ("path", "source"), kept so that the folder of a set can be moved or copied.
 *
 * A record with "base" has paths that are relative to that folder. When the record is read from SET/manifests/,
 * SET/variants/NAME/manifests/ or a folder below, SET is that folder, wherever it lies now. */
#ifndef COMMON_STAGE_RECORD_PATH_H
#define COMMON_STAGE_RECORD_PATH_H

#include <jansson.h>

/* Makes the paths of files below the folder base (absolute) relative to it, adds "base" when there are any, and makes
 * the others absolute. 0, or -1 when out of memory or when the working directory is not known. */
int record_path_relate(json_t *record, const char *base);

/* Makes the paths of a record that has "base" absolute, and removes "base". manifest is the name of the file that the
 * record is in; a pipe ("stdin") counts as a file in the working directory. 0, or -1 as above. */
int record_path_resolve(json_t *record, const char *manifest);

/* The path from the root, with the working directory before a relative one; nothing else changes. New memory (free()),
 * NULL when out of memory or when the working directory is not known. */
char *record_path_absolute(const char *path);

#endif
