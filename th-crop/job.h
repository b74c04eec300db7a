/* The work on one chunk, done in a child: one decode, all its tubes, or a share of them. */
#ifndef TH_CROP_JOB_H
#define TH_CROP_JOB_H

#include <stddef.h>

#include "common/stage/jobs.h"
#include "th-crop/options.h"
#include "th-crop/plan/plan.h"
#include "th-crop/record.h"

struct crop_job {
    struct crop_job *next; /* of those that run */
    struct plan_chunk *chunk;
    const struct crop_settings *settings;
    char *source;              /* the path of the file that holds the chunk */
    struct clip_origin origin; /* with that source */
    struct tube_request *
        *requests; /* the tubes to be made, array of count; NULL, in the parent, for those that have a record */
    size_t count;
    size_t share; /* which of the chunk's shares (share.h) the tubes are, from 0 */
};

/* Makes the clips of item, a struct crop_job, and reports {"tube": INDEX, "record": RECORD} for each of its requests as
 * soon as that is done. 0, or -1 when it could not be begun for request of memory. */
int crop_job_run(struct job *job, void *item);

#endif
