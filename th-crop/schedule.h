/* The jobs of th-crop in the parent: from a chunk with pending tubes to a child that works on them, and from what the
 * child says to records. */
#ifndef TH_CROP_SCHEDULE_H
#define TH_CROP_SCHEDULE_H

#include "th-crop/crop.h"

/* Starts the work on the tubes of a chunk that was taken off the queue and has pending ones, in one job or, where there
 * are more free job slots than chunks, in several; or records why that cannot be. source: the path of the file that
 * holds the chunk. Call only when a job slot is free. */
void crop_schedule_start(struct crop *crop, struct plan_chunk *chunk, const char *source);

/* Says what was decoded in all. */
void crop_schedule_log_totals(const struct crop *crop);

/* Frees what jobs that were cut short left; to be called when none runs any more. */
void crop_schedule_free_jobs(struct crop *crop);

#endif
