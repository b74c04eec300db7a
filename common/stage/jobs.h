/* A pool of child processes, one for each piece of work, with a watchdog.
 *
 * The parent only schedules and takes reports; a child that crashes, is killed or makes no progress costs its own work
 * and nothing else. Children are forked without exec, sit in process groups of their own, and die with the parent.
 *
 * For short work the fork would cost more than the work. A task of such work has `order` and `serve`: its children take
 * several orders, one after the other. */
#ifndef COMMON_STAGE_JOBS_H
#define COMMON_STAGE_JOBS_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct jobs; /* the pool, in the parent */
struct job;  /* one piece of work, in its child */

struct jobs_options {
    int limit;            /* children at a time, at least 1 */
    double stall_timeout; /* seconds without a sign of life after which a child is killed; 0: never */
    int64_t max_memory;   /* bytes of address space of a child (RLIMIT_AS); 0: no limit */
};

/* What a kind of work is. report and ended are called in the parent, from jobs_handle; item is what jobs_start was
 * given and stays the caller's. */
struct job_task {
    /* In the child. Reports its results with job_report and returns; the return value is the child's success: non-zero
     * makes `ended` say crashed, so return 0 after a failure that has been reported. */
    int (*work)(struct job *job, void *item);
    /* One record that the child sent; borrowed. */
    void (*report)(void *owner, void *item, json_t *record);
    /* The child has ended, its reports are all delivered. fault is NULL when it ended well, otherwise crashed (with the
     * signal's name) or stalled. */
    void (*ended)(void *owner, void *item, const struct error *fault);
    double stall_timeout; /* overrides the pool's when not 0 */
    /* In the parent: the work on item in words, new. NULL: it needs a child of its own, which does `work`. The child
     * that is handed it may be gone already, so SIGPIPE must be ignored. */
    json_t *(*order)(void *item);
    /* In the child: the same as work, from those words. A child that crashes over it and has served others before may
     * have been damaged by them, so another child gets the order, at last a new one; reports may then come twice. */
    int (*serve)(struct job *job, const json_t *order);
};

/* owner is handed to report and ended. NULL when out of memory. */
struct jobs *jobs_alloc(const struct jobs_options *options, void *owner);

/* Kills what still runs (SIGKILL to its process group), waits for it, frees; `ended` is not called. Leaves NULL. */
void jobs_free(struct jobs **jobs);

/* Children that work, and whether one more may. */
int jobs_running(const struct jobs *jobs);
bool jobs_full(const struct jobs *jobs);

/* How many jobs have ended with a fault so far. */
int64_t jobs_faults(const struct jobs *jobs);

/* Starts task on item (not NULL); task must outlive the job. Call only when not jobs_full. 0, or -1 and error (io) when
 * no process can be made; then nothing is called back. */
int jobs_start(struct jobs *jobs, const struct job_task *task, void *item, struct error *error);

/* Writes the descriptors to wait for into fds (at most max) and returns their number; lowers *timeout_ms (-1: for ever)
 * to the next deadline of the watchdog. */
size_t jobs_prepare(const struct jobs *jobs, struct pollfd *fds, size_t max, int *timeout_ms);

/* After the wait: reads what children sent, calls report and ended, kills what has stalled. */
void jobs_handle(struct jobs *jobs, const struct pollfd *fds, size_t count);

/* In the child: sends record (stolen; NULL fails) to the parent. 0, or -1 when the parent is gone or memory ran out. */
int job_report(struct job *job, json_t *record);

/* In the child: a sign of life, to be called at each step of progress (a frame, a packet). Cheap: sends at most one a
 * second. */
void job_alive(struct job *job);

/* In the child: how many of the pool's processors fall to this job just now, at least 1. More when others have ended.
 */
int job_processors(const struct job *job);

#endif
