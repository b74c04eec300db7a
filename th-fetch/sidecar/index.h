/* The index: DIR/.index/ID.json keeps the record of a download, so that a later run can repeat it without a request. */
#ifndef TH_FETCH_SIDECAR_INDEX_H
#define TH_FETCH_SIDECAR_INDEX_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"

/* Removes temporary files that killed runs left in DIR/.index. 0, also when there is no such folder, or -1 and error
 * (io, disk_full). */
int index_sweep(const char *dir, struct error *error);

/* Keeps the record of the video id, whose bytes are in file. 0, or -1 and error (io, disk_full). */
int index_save(const char *dir, const char *id, const char *file, const json_t *record, struct error *error);

/* The record that was kept, new (json_decref). NULL when there is none, or when file has another size. *is_same says
 * whether file has the same time, too. If not, it may be a copy that lost the time, or another video: its hash tells.
 */
json_t *index_load(const char *dir, const char *id, const char *file, bool *is_same);

/* The record that was kept of a video that was discarded since: DIR/ID.mp4.discarded is there. New (json_decref); NULL
 * when it was not, or when there is none. */
json_t *index_load_discarded(const char *dir, const char *id);

#endif
