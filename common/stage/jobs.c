#include "common/stage/jobs.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/clock.h"
#include "common/stage/jobs_worker.h"

enum { ORDERS_MAX = 100 /* per child, which bounds what libraries leak */ };

struct jobs *jobs_alloc(const struct jobs_options *options, void *owner)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);

    if (!jobs)
        return NULL;
    jobs->options = *options;
    jobs->owner = owner;
    jobs->workers = calloc((size_t)options->limit, sizeof *jobs->workers);
    jobs->running = mmap(NULL, sizeof *jobs->running, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jobs->running == MAP_FAILED)
        jobs->running = NULL;
    if (!jobs->workers || !jobs->running)
        jobs_free(&jobs);
    return jobs;
}

void jobs_free(struct jobs **jobs)
{
    if (!*jobs)
        return;
    for (int i = 0; (*jobs)->workers && i < (*jobs)->options.limit; i++)
        if ((*jobs)->workers[i].pid)
            jobs_worker_reap(&(*jobs)->workers[i]);
    if ((*jobs)->running)
        munmap((*jobs)->running, sizeof *(*jobs)->running);
    free((*jobs)->workers);
    free(*jobs);
    *jobs = NULL;
}

int jobs_running(const struct jobs *jobs)
{
    return *jobs->running;
}

bool jobs_full(const struct jobs *jobs)
{
    return *jobs->running == jobs->options.limit;
}

int64_t jobs_faults(const struct jobs *jobs)
{
    return jobs->faults;
}

/* An idle child of that task, or NULL. */
static struct jobs_worker *find_idle(const struct jobs *jobs, const struct job_task *task)
{
    for (int i = 0; i < jobs->options.limit; i++)
        if (jobs->workers[i].pid && !jobs->workers[i].item && jobs->workers[i].task == task)
            return &jobs->workers[i];
    return NULL;
}

/* A free place for a new child; if there is none, an idle child is ended. */
static struct jobs_worker *make_place(struct jobs *jobs)
{
    struct jobs_worker *place = NULL;

    for (int i = 0; i < jobs->options.limit; i++) {
        struct jobs_worker *worker = &jobs->workers[i];

        if (!worker->pid)
            return worker;
        if (!worker->item)
            place = worker;
    }
    if (place)
        jobs_worker_reap(place);
    return place;
}

/* Finds or forks a child for the work on item and sends the order. NULL and error when that fails. */
static struct jobs_worker *get_worker(struct jobs *jobs, const struct job_task *task, void *item, struct error *error)
{
    json_t *order = task->order ? task->order(item) : NULL;
    struct jobs_worker *worker = order ? find_idle(jobs, task) : NULL;

    if (worker && jobs_worker_order(worker, order)) {
        jobs_worker_reap(worker);
        worker = NULL;
    }
    if (!worker) {
        worker = make_place(jobs);
        if (jobs_worker_fork(jobs, worker, task, item, order != NULL, error)) {
            worker = NULL;
        } else if (order && jobs_worker_order(worker, order)) {
            error_set(error, ERROR_IO, "a new working process is gone at once");
            jobs_worker_reap(worker);
            worker = NULL;
        }
    }
    json_decref(order);
    return worker;
}

int jobs_start(struct jobs *jobs, const struct job_task *task, void *item, struct error *error)
{
    struct jobs_worker *worker = get_worker(jobs, task, item, error);

    if (!worker)
        return -1;
    worker->item = item;
    worker->heard = jobs->watched;
    ++*jobs->running;
    return 0;
}

static bool is_watched(const struct jobs_worker *worker)
{
    return worker->item && worker->stall_timeout > 0;
}

size_t jobs_prepare(struct jobs *jobs, struct pollfd *fds, size_t max, int *timeout_ms)
{
    size_t count = 0;

    for (int i = 0; i < jobs->options.limit && count < max; i++) {
        const struct jobs_worker *worker = &jobs->workers[i];

        if (!worker->pid)
            continue;
        fds[count++] = (struct pollfd){.fd = worker->fd, .events = POLLIN};
        if (is_watched(worker)) {
            int left = (int)ceil(fmax(0, worker->heard + worker->stall_timeout - jobs->watched) * 1000) + 1;

            if (*timeout_ms < 0 || left < *timeout_ms)
                *timeout_ms = left;
        }
    }
    jobs->prepared = clock_seconds();
    jobs->wait = *timeout_ms < 0 ? INFINITY : *timeout_ms / 1000.0;
    return count;
}

/* Ends the child, and calls `ended` or starts its work again. */
static void end_worker(struct jobs *jobs, struct jobs_worker *worker)
{
    const struct jobs_worker ended = *worker;
    struct error error, space;
    int status = jobs_worker_reap(worker);
    const struct error *fault = jobs_worker_fault(jobs, &ended, status, &space);

    if (!ended.item)
        return;
    --*jobs->running;
    jobs->faults += fault != NULL;
    if (fault && ended.served > 0 && !ended.has_stalled && jobs_start(jobs, ended.task, ended.item, &error) == 0)
        return;
    ended.task->ended(jobs->owner, ended.item, fault);
}

/* The child has finished its order and may get another one. */
static void end_order(struct jobs *jobs, struct jobs_worker *worker)
{
    const struct job_task *task = worker->task;
    void *item = worker->item;

    worker->item = NULL;
    worker->has_served = false;
    worker->length = 0;
    --*jobs->running;
    if (++worker->served == ORDERS_MAX)
        jobs_worker_reap(worker);
    task->ended(jobs->owner, item, NULL);
}

static const struct pollfd *find_pollfd(const struct pollfd *fds, size_t count, int fd)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i].fd == fd)
            return &fds[i];
    return NULL;
}

void jobs_handle(struct jobs *jobs, const struct pollfd *fds, size_t count)
{
    /* The watchdog counts only what this process has waited as planned. While it was stopped (SIGSTOP, a suspended
     * machine), the children may have been, too; while it was busy or blocked elsewhere, it did not listen to them. */
    jobs->watched += fmin(clock_seconds() - jobs->prepared, jobs->wait);
    for (int i = 0; i < jobs->options.limit; i++) {
        struct jobs_worker *worker = &jobs->workers[i];
        const struct pollfd *ready = worker->pid ? find_pollfd(fds, count, worker->fd) : NULL;

        if (!ready)
            continue;
        if (ready->revents) {
            if (!jobs_worker_listen(worker, jobs))
                end_worker(jobs, worker);
            else if (worker->has_served)
                end_order(jobs, worker);
        } else if (is_watched(worker) && jobs->watched - worker->heard > worker->stall_timeout) {
            worker->has_stalled = true;
            end_worker(jobs, worker);
        }
    }
}
