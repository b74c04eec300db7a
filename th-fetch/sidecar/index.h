/* What is known of a video that was downloaded: an index file of its own, DIR/.index/ID.json, from which a later run
 * tells it again without asking. */
#ifndef TH_FETCH_SIDECAR_INDEX_H
#define TH_FETCH_SIDECAR_INDEX_H

#include <jansson.h>

#include "common/error.h"

/* Clears the index files of dir of what killed runs left. 0, also when there are none, or -1 and error (io, disk_full).
 */
int index_sweep(const char *dir, struct error *error);

/* Keeps record, that of the video id, whose bytes are in file. 0, or -1 and error (io, disk_full). */
int index_save(const char *dir, const char *id, const char *file, const json_t *record, struct error *error);

/* The record that was kept, new (json_decref). NULL when there is none, or when file is not the one that it tells of.
 */
json_t *index_load(const char *dir, const char *id, const char *file);

#endif
