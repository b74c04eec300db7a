/* The list of credits: a CSV file with one row for each video, kept from run to run. Runs at the same time may
 * share it. */
#ifndef TH_FETCH_SIDECAR_CREDITS_H
#define TH_FETCH_SIDECAR_CREDITS_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"

struct credits;

/* Reads the list at path, if there is one; a last row that a killed run left incomplete is dropped. 0 and
 * *credits (credits_free), or -1 and error (io; also when the file is something else, or another process has had
 * it locked for a minute). */
int credits_alloc(struct credits **credits, const char *path, struct error *error);

/* Writes the row of a th-fetch record that is ok; one without title, uploader and licence has none. It is written at
 * once, so that no video is kept without its credit. 0, or -1 and error (io, disk_full). */
int credits_add(struct credits *credits, const json_t *record, struct error *error);

/* Whether there is a row of the video. */
bool credits_know(const struct credits *credits, const char *id);

/* Removes rows that newer ones have replaced, and syncs. 0, or -1 and error; then all rows are still there. */
int credits_finish(struct credits *credits, struct error *error);

/* Leaves NULL; takes NULL. */
void credits_free(struct credits **credits);

#endif
