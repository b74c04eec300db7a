/* The parent's side of one child of common/jobs: its process, its pipes, and what it sends. */
#ifndef COMMON_STAGE_JOBS_WORKER_H
#define COMMON_STAGE_JOBS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/stage/jobs_child.h"

/* A child, or a free place for one; zeroed it is free. */
struct jobs_worker {
    pid_t pid;  /* 0: this place is free */
    int fd;     /* its reports */
    int orders; /* where its orders go; -1: it has one piece of work only */
    const struct job_task *task;
    void *item;           /* NULL: it waits for the next order */
    int served;           /* orders that it has done */
    double stall_timeout; /* seconds, 0: none */
    double heard;         /* clock_seconds() at which it last gave a sign of life */
    bool has_stalled;
    bool has_served; /* it has just done an order */
    char *buffer;    /* what it sent and is not delivered yet */
    size_t length, room;
};

/* Forks a child into the free place `worker`, one of the pool's count workers, to do what start says (but for parent,
 * reports and orders, which are filled in). has_orders: it is to serve orders. 0, or -1 and error (io). */
int jobs_worker_fork(struct jobs_worker *worker, const struct jobs_worker *workers, int count, struct jobs_child start,
                     bool has_orders, struct error *error);

/* Hands the order to a child that waits for one. 0, or -1 when the child is gone. */
int jobs_worker_order(const struct jobs_worker *worker, const json_t *order);

/* Reads once from the child, hands its reports to its task with owner, and notes has_served. False when it has closed
 * its end. */
bool jobs_worker_listen(struct jobs_worker *worker, void *owner);

/* Kills a child that has ended or is about to, with all that it started, waits for it and frees its place. Returns its
 * status, as waitpid() gives it. */
int jobs_worker_reap(struct jobs_worker *worker);

/* What a child's end says of its work: NULL (nothing is wrong), or fault, filled in: stalled, crashed. worker is as it
 * was before it was reaped, status what that returned. Pure. */
const struct error *jobs_worker_fault(const struct jobs_worker *worker, int status, struct error *fault);

#endif
