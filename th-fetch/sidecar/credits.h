/* The list of who is to be credited for what: a CSV file of one row a video, kept from run to run. */
#ifndef TH_FETCH_SIDECAR_CREDITS_H
#define TH_FETCH_SIDECAR_CREDITS_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"

struct credits;

/* Reads the list at path, if there is one; a row that a killed run has not written to its end is dropped. 0 and
 * *credits (credits_free), or -1 and error (io; also when the file is another kind of list, or another process writes
 * it). */
int credits_alloc(struct credits **credits, const char *path, struct error *error);

/* Writes the row of a th-fetch record that is ok and says title, uploader or licence; others say nothing. It is on its
 * way to the disk at once, so that no video is kept without its credit. 0, or -1 and error (io, disk_full). */
int credits_add(struct credits *credits, const json_t *record, struct error *error);

/* Whether there is a row of the video. */
bool credits_know(const struct credits *credits, const char *id);

/* Brings the file to one row a video. 0, or -1 and error; then all rows are still there. */
int credits_finish(struct credits *credits, struct error *error);

/* Leaves NULL; takes NULL. */
void credits_free(struct credits **credits);

#endif
