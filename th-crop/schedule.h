/* The parent process of th-crop: reads lines into the plan, starts a job for each chunk with pending tubes, and writes
 * the records. */
#ifndef TH_CROP_SCHEDULE_H
#define TH_CROP_SCHEDULE_H

#include "common/stage/stage.h"
#include "common/tube_list.h"
#include "th-crop/options.h"
#include "th-crop/plan/plan.h"

/* What all jobs decoded. */
struct crop_totals {
    int64_t chunks, frames;
    int64_t passed;    /* packets that were not decoded */
    int64_t straight;  /* chunks of which every packet had to be decoded */
    int64_t restarted; /* jobs that decoded more than once because of damage */
    int64_t silent;    /* clips without sound although --audio is given */
};

struct crop {
    const struct crop_settings *settings;
    struct plan *plan;
    struct stage *stage;
    struct crop_job *jobs; /* those that run */
    struct crop_totals totals;
    bool has_ended; /* no more input will come */
};

/* The stage's functions; their self is a struct crop. */
extern const struct stage_program crop_schedule_stage;

/* Logs the totals, and tells of clips that have no sound. */
void crop_schedule_log_totals(const struct crop *crop);

/* Frees the jobs that a signal ended. Call after stage_free(). */
void crop_schedule_free_jobs(struct crop *crop);

#endif
