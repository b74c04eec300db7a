/* The child's side of jobs.h: sets up the forked process, does the work and sends reports. */
#ifndef COMMON_STAGE_JOBS_CHILD_H
#define COMMON_STAGE_JOBS_CHILD_H

#include <stdatomic.h>
#include <sys/types.h>

#include "common/stage/jobs.h"

/* A child sends lines: a JSON object, or one of these. */
#define JOBS_ALIVE ".\n"  /* job_alive */
#define JOBS_SERVED "=\n" /* the order is done; nothing follows until the next one */

struct jobs_child {
    pid_t parent; /* the child exits if it has died */
    const struct jobs_options *options;
    const atomic_int *running; /* children at work; shared memory that the parent updates */
    int reports;               /* descriptor to write to */
    int orders;                /* descriptor to read orders from; -1: does `work` on item */
    const struct job_task *task;
    void *item;
};

/* Does the work in the forked child and ends it. */
void jobs_child_run(const struct jobs_child *child) __attribute__((noreturn));

#endif
