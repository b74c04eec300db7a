#include "common/stage/jobs.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/clock.h"
#include "common/stage/jobs_worker.h"

enum { ORDERS_MAX = 100 /* of one child: what libraries leak with each is then not much */ };

struct jobs {
    struct jobs_options options;
    void *owner;
    struct jobs_worker *workers; /* options.limit places */
    int running;
    atomic_int *shared_running; /* the same for the children to read, shared with them */
    int64_t faults;
};

struct jobs *jobs_alloc(const struct jobs_options *options, void *owner)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);

    if (!jobs)
        return NULL;
    jobs->options = *options;
    jobs->owner = owner;
    jobs->workers = calloc((size_t)options->limit, sizeof *jobs->workers);
    jobs->shared_running =
        mmap(NULL, sizeof *jobs->shared_running, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jobs->shared_running == MAP_FAILED)
        jobs->shared_running = NULL;
    if (!jobs->workers || !jobs->shared_running)
        jobs_free(&jobs);
    return jobs;
}

/* One more child works, or one less. */
static void count_child(struct jobs *jobs, int change)
{
    jobs->running += change;
    *jobs->shared_running = jobs->running;
}

void jobs_free(struct jobs **jobs)
{
    if (!*jobs)
        return;
    for (int i = 0; (*jobs)->workers && i < (*jobs)->options.limit; i++)
        if ((*jobs)->workers[i].pid)
            jobs_worker_reap(&(*jobs)->workers[i]);
    if ((*jobs)->shared_running)
        munmap((*jobs)->shared_running, sizeof *(*jobs)->shared_running);
    free((*jobs)->workers);
    free(*jobs);
    *jobs = NULL;
}

int jobs_running(const struct jobs *jobs)
{
    return jobs->running;
}

bool jobs_full(const struct jobs *jobs)
{
    return jobs->running == jobs->options.limit;
}

int64_t jobs_faults(const struct jobs *jobs)
{
    return jobs->faults;
}

/* A child that waits for orders of that task, or NULL. */
static struct jobs_worker *find_idle(const struct jobs *jobs, const struct job_task *task)
{
    for (int i = 0; i < jobs->options.limit; i++)
        if (jobs->workers[i].pid && !jobs->workers[i].item && jobs->workers[i].task == task)
            return &jobs->workers[i];
    return NULL;
}

/* A place for a new child, if need be that of one that waits. */
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

/* Finds or forks the child that does the work on item. NULL and error when there can be none. */
static struct jobs_worker *get_worker(struct jobs *jobs, const struct job_task *task, void *item, struct error *error)
{
    const struct jobs_child start = {
        .options = &jobs->options, .running = jobs->shared_running, .task = task, .item = item};
    json_t *order = task->order ? task->order(item) : NULL;
    struct jobs_worker *worker = order ? find_idle(jobs, task) : NULL;

    if (worker && jobs_worker_order(worker, order)) {
        jobs_worker_reap(worker);
        worker = NULL;
    }
    if (!worker) {
        worker = make_place(jobs);
        if (jobs_worker_fork(worker, jobs->workers, jobs->options.limit, start, order != NULL, error)) {
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
    worker->stall_timeout = task->stall_timeout > 0 ? task->stall_timeout : jobs->options.stall_timeout;
    worker->heard = clock_seconds();
    count_child(jobs, 1);
    return 0;
}

static bool is_watched(const struct jobs_worker *worker)
{
    return worker->item && worker->stall_timeout > 0;
}

size_t jobs_prepare(const struct jobs *jobs, struct pollfd *fds, size_t max, int *timeout_ms)
{
    size_t count = 0;
    double time = clock_seconds();

    for (int i = 0; i < jobs->options.limit && count < max; i++) {
        const struct jobs_worker *worker = &jobs->workers[i];

        if (!worker->pid)
            continue;
        fds[count++] = (struct pollfd){.fd = worker->fd, .events = POLLIN};
        if (is_watched(worker)) {
            int left = (int)ceil(fmax(0, worker->heard + worker->stall_timeout - time) * 1000) + 1;

            if (*timeout_ms < 0 || left < *timeout_ms)
                *timeout_ms = left;
        }
    }
    return count;
}

/* Ends the child and tells its owner how it went, or has the work done again. */
static void end_worker(struct jobs *jobs, struct jobs_worker *worker)
{
    const struct jobs_worker ended = *worker;
    struct error error, space;
    int status = jobs_worker_reap(worker);
    const struct error *fault = jobs_worker_fault(&ended, status, &space);

    if (!ended.item)
        return;
    count_child(jobs, -1);
    jobs->faults += fault != NULL;
    if (fault && ended.served > 0 && !ended.has_stalled && jobs_start(jobs, ended.task, ended.item, &error) == 0)
        return;
    ended.task->ended(jobs->owner, ended.item, fault);
}

/* The child has done its order: it may have another one. */
static void end_order(struct jobs *jobs, struct jobs_worker *worker)
{
    const struct job_task *task = worker->task;
    void *item = worker->item;

    worker->item = NULL;
    worker->has_served = false;
    worker->length = 0;
    count_child(jobs, -1);
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
    for (int i = 0; i < jobs->options.limit; i++) {
        struct jobs_worker *worker = &jobs->workers[i];
        const struct pollfd *ready = worker->pid ? find_pollfd(fds, count, worker->fd) : NULL;

        if (!ready)
            continue;
        if (ready->revents) {
            if (!jobs_worker_listen(worker, jobs->owner))
                end_worker(jobs, worker);
            else if (worker->has_served)
                end_order(jobs, worker);
        } else if (is_watched(worker) && clock_seconds() - worker->heard > worker->stall_timeout) {
            worker->has_stalled = true;
            end_worker(jobs, worker);
        }
    }
}
