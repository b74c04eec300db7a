/* The work on one chunk in a child process: one decode for all of its tubes, or for a share of them. */
#ifndef TH_CROP_JOB_H
#define TH_CROP_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "common/output/work_folder.h"
#include "common/stage/jobs.h"
#include "th-crop/options.h"
#include "th-crop/plan/plan.h"
#include "th-crop/record.h"

struct crop_job {
    struct crop_job *next; /* in the parent's list of running jobs */
    struct plan_chunk *chunk;
    const struct crop_settings *settings;
    char *source;                   /* the path of the file that holds the chunk */
    struct clip_origin origin;      /* with that source */
    struct plan_request **requests; /* count of them; the parent sets those to NULL that have a record */
    size_t count;
    struct work_folder *folder; /* where the clips are made; the parent gives them their names */
    bool has_taken;             /* clips out of that folder */
    size_t share;               /* which share of the chunk's tubes (share.h) this is, from 0 */
};

/* Makes the clips of item, a struct crop_job. Reports {"tube": INDEX, "record": RECORD} for each request when it is
 * done, and {"decoded": {...}} at the end. Returns 0, or -1 when there is not enough memory to start. */
int crop_job_run(struct job *job, void *item);

#endif
