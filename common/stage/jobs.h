/* A pool of child processes, one for each piece of work, with a watchdog.
 *
 * The parent only schedules and receives reports. A child that crashes, is killed or makes no progress loses its own
 * work only. Children are forked without exec, have their own process groups, and die with the parent.
 *
 * A fork costs more than short work. A task of short work has `order` and `serve`: each of its children serves several
 * orders, one after the other. */
#ifndef COMMON_STAGE_JOBS_H
#define COMMON_STAGE_JOBS_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/sandbox.h"

struct jobs; /* the pool, in the parent */
struct job;  /* one piece of work, in its child */

struct jobs_options {
    int limit;            /* children at a time, at least 1 */
    double stall_timeout; /* seconds of waiting (jobs_prepare to jobs_handle) without a report or job_alive after which
                           * a child is killed; 0: never */
    int64_t max_memory;   /* bytes of address space of a child (RLIMIT_AS); 0: no limit */
};

/* A kind of work. report and ended are called in the parent, from jobs_handle; item was given to jobs_start and stays
 * the caller's. */
struct job_task {
    /* In the child: does the work and sends results with job_report. Non-zero makes `ended` say crashed, so return 0
     * after a failure that was reported. */
    int (*work)(struct job *job, void *item);
    /* One record that the child sent; borrowed. A child that has read hostile media may send anything: -1 for a record
     * that cannot come from the work on item, otherwise 0. */
    int (*report)(void *owner, void *item, json_t *record);
    /* The work has ended and all its reports were delivered. fault is NULL after success, otherwise stalled or crashed:
     * killed by a signal or for a system call that the sandbox forbids (which it names), ended early, or killed because
     * it sent no JSON, a line longer than LINE_BYTES_MAX or a record that report refused. */
    void (*ended)(void *owner, void *item, const struct error *fault);
    double stall_timeout; /* overrides the pool's when not 0 */
    bool runs_command; /* a program of this machine: the pool's max_memory does not hold, descriptors are inherited */
    /* In the child, for work that opens foreign media: says what the work on item reaches; a child that serves orders
     * gets only that for all of them. False, or NULL: the child is in no sandbox. */
    bool (*access)(const void *item, struct sandbox *sandbox);
    /* In the parent: describes the work on item, new. NULL: the item gets its own child, which runs `work`. The child
     * may have died before it is sent, so SIGPIPE must be ignored. */
    json_t *(*order)(void *item);
    /* In the child: does the work that order describes. If a child crashes that has served orders before, they may have
     * damaged it: another child gets the order, in the end a new one. Reports may then come twice. */
    int (*serve)(struct job *job, const json_t *order);
};

/* owner is handed to report and ended. NULL when out of memory. */
struct jobs *jobs_alloc(const struct jobs_options *options, void *owner);

/* Kills running children (SIGKILL to their process groups), waits for them, frees and leaves NULL; `ended` is not
 * called. Takes NULL. */
void jobs_free(struct jobs **jobs);

/* Number of children at work, and whether it is at the limit. */
int jobs_running(const struct jobs *jobs);
bool jobs_full(const struct jobs *jobs);

/* Number of jobs that ended with a fault so far. */
int64_t jobs_faults(const struct jobs *jobs);

/* Starts task on item (not NULL); task must outlive the job. Call it only when jobs_full is false. 0, or -1 and error
 * (io) when no process can be started; then neither report nor ended is called. */
int jobs_start(struct jobs *jobs, const struct job_task *task, void *item, struct error *error);

/* Writes the descriptors to poll into fds (at most max) and returns their number. Lowers *timeout_ms (-1: for ever) to
 * the watchdog's next deadline. */
size_t jobs_prepare(struct jobs *jobs, struct pollfd *fds, size_t max, int *timeout_ms);

/* After poll: reads what children sent, calls report and ended, kills stalled children. */
void jobs_handle(struct jobs *jobs, const struct pollfd *fds, size_t count);

/* In the child: sends record (stolen; NULL fails) to the parent. 0, or -1 when the parent is gone or memory ran out. */
int job_report(struct job *job, json_t *record);

/* In the child: call it at each step of progress (a frame, a packet), so that the watchdog does not kill the child.
 * Cheap: sends at most one message a second, or four in each stall timeout when that is shorter than 4 s. */
void job_alive(struct job *job);

/* In the child: this job's current share of the pool's processors, at least 1. It grows when other jobs end.
 */
int job_processors(const struct job *job);

#endif
