/* The child's side of common/jobs: what a forked child is and does, and the lines that it sends. */
#ifndef COMMON_STAGE_JOBS_CHILD_H
#define COMMON_STAGE_JOBS_CHILD_H

#include <stdatomic.h>
#include <sys/types.h>

#include "common/stage/jobs.h"

/* The reports of a child are lines: a JSON object, or one of these. */
#define JOBS_ALIVE ".\n"  /* it makes progress */
#define JOBS_SERVED "=\n" /* the order is done; nothing follows until the next one */

struct jobs_child {
    pid_t parent; /* who must still be there */
    const struct jobs_options *options;
    const atomic_int *running; /* children that work, as the parent last counted them */
    int reports;               /* descriptor to write to */
    int orders;                /* descriptor to read from, when the task has an order for item; otherwise -1 */
    const struct job_task *task;
    void *item;
};

/* Does the work in the forked child and ends it. */
void jobs_child_run(const struct jobs_child *child) __attribute__((noreturn));

#endif
