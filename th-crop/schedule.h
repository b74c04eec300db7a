/* th-crop as a stage of the pipe, in the parent: takes lines, keeps the plan, starts a child for each chunk with
 * pending tubes, and turns what children say into records. */
#ifndef TH_CROP_SCHEDULE_H
#define TH_CROP_SCHEDULE_H

#include "common/stage/stage.h"
#include "common/tube_list.h"
#include "th-crop/options.h"
#include "th-crop/plan/plan.h"

/* What was decoded by all jobs. */
struct crop_totals {
    int64_t chunks, frames;
    int64_t passed;    /* packets that were not decoded, known not to be needed */
    int64_t straight;  /* chunks of which nothing could be left out */
    int64_t restarted; /* chunks, or shares of them, decoded once more, because frames did not come as expected */
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

/* Says what was decoded in all. */
void crop_schedule_log_totals(const struct crop *crop);

/* Frees what jobs that were cut short left; to be called when none runs any more. */
void crop_schedule_free_jobs(struct crop *crop);

#endif
