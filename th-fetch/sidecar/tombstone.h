/* Tombstones: DIR/ID.mp4.pruned says that the video has been deleted on purpose and must not be downloaded again. Its
 * first word is an error word; what follows is for people. */
#ifndef TH_FETCH_SIDECAR_TOMBSTONE_H
#define TH_FETCH_SIDECAR_TOMBSTONE_H

#include "common/error.h"

/* 0 when there is none; otherwise -1 and error: its word when that is a permanent one, else gone. */
int tombstone_check(const char *dir, const char *id, struct error *error);

#endif
