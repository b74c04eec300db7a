/* One child of jobs.h: its process, its pipes, and what it sends; and the work in the child. */
#ifndef COMMON_STAGE_JOBS_WORKER_H
#define COMMON_STAGE_JOBS_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/stage/jobs.h"

/* A child, or a free place for one; zeroed it is free. */
struct jobs_worker {
    pid_t pid;  /* 0: this place is free */
    int fd;     /* pipe of its reports */
    int orders; /* pipe of its orders; -1: it does `work` once */
    const struct job_task *task;
    void *item;           /* NULL: it is idle */
    int served;           /* orders that it has finished */
    double stall_timeout; /* seconds, 0: none */
    double heard;         /* jobs->watched at its last message */
    bool has_stalled;
    int forbidden_call; /* number of the system call that ended it; -1: none */
    bool has_lied;      /* it has sent what cannot come from its work */
    bool has_served;    /* it has just finished an order */
    char *buffer;       /* received and not yet delivered */
    size_t length, room;
};

struct jobs {
    struct jobs_options options;
    void *owner;
    struct jobs_worker *workers; /* options.limit places */
    atomic_int *running;         /* children at work; in memory shared with them, written by the parent */
    int64_t faults;
    double watched;  /* seconds that the watchdog has counted */
    double prepared; /* clock_seconds() of the last jobs_prepare */
    double wait;     /* seconds that the poll after it may last; INFINITY: no limit */
};

/* Forks a child for task into the free place `worker` of the pool. has_orders: it serves orders; otherwise it does
 * `work` on item. 0, or -1 and error (io). */
int jobs_worker_fork(const struct jobs *jobs, struct jobs_worker *worker, const struct job_task *task, void *item,
                     bool has_orders, struct error *error);

/* Sends the order to an idle child. 0, or -1 when the child has died. */
int jobs_worker_order(const struct jobs_worker *worker, const json_t *order);

/* Reads once from the child, calls its task's report, and sets has_served and has_lied. False when the child
 * has closed the pipe or has lied. */
bool jobs_worker_listen(struct jobs_worker *worker, const struct jobs *jobs);

/* Kills the child and its process group, waits for it and frees its place. Returns its status from waitpid(). */
int jobs_worker_reap(struct jobs_worker *worker);

/* What a child's end means: NULL (success), or fault, filled in (stalled, crashed). worker is a copy from before
 * jobs_worker_reap, status what that returned. Pure. */
const struct error *jobs_worker_fault(const struct jobs *jobs, const struct jobs_worker *worker, int status,
                                      struct error *fault);

#endif
