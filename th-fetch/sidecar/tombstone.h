/* Tombstones: DIR/ID.mp4.pruned says that a video was here, has been deleted on purpose and is not to be fetched again.
 * Its text is an error word, and after a space whatever else is worth knowing. */
#ifndef TH_FETCH_SIDECAR_TOMBSTONE_H
#define TH_FETCH_SIDECAR_TOMBSTONE_H

#include "common/error.h"

/* 0 when DIR/ID has none; otherwise -1 and error: its word when that is a permanent one, else gone. */
int tombstone_check(const char *dir, const char *id, struct error *error);

#endif
