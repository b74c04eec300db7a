#include "common/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/jobs_child.h"

enum {
    READ_SIZE = 1 << 16,
    ORDERS_MAX = 100 /* of one child: what libraries leak with each is then not much */
};

struct child {
    pid_t pid;  /* 0: this place is free */
    int fd;     /* its reports */
    int orders; /* where its orders go; -1: it has one piece of work only */
    const struct job_task *task;
    void *item;           /* NULL: it waits for the next order */
    int served;           /* orders that it has done */
    double stall_timeout; /* seconds, 0: none */
    double heard;         /* when it last gave a sign of life */
    bool has_stalled;
    bool has_served; /* it has just done an order */
    char *buffer;
    size_t length, room;
};

struct jobs {
    struct jobs_options options;
    void *owner;
    struct child *children; /* options.limit places */
    int running;
    atomic_int *told; /* the same for the children to read, shared with them */
    int64_t faults;
};

struct jobs *jobs_alloc(const struct jobs_options *options, void *owner)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);

    if (!jobs)
        return NULL;
    jobs->options = *options;
    jobs->owner = owner;
    jobs->children = calloc((size_t)options->limit, sizeof *jobs->children);
    jobs->told = mmap(NULL, sizeof *jobs->told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (jobs->told == MAP_FAILED)
        jobs->told = NULL;
    if (!jobs->children || !jobs->told)
        jobs_free(&jobs);
    return jobs;
}

/* One more child works, or one less. */
static void count_child(struct jobs *jobs, int change)
{
    jobs->running += change;
    *jobs->told = jobs->running;
}

static void close_ends(const struct child *child)
{
    close(child->fd);
    if (child->orders >= 0)
        close(child->orders);
}

/* Waits for a child that has ended or is about to; its process group is killed, so that nothing it started is left. */
static int reap(struct child *child)
{
    int status = 0;

    kill(-child->pid, SIGKILL);
    kill(child->pid, SIGKILL); /* it may not have made its group yet */
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close_ends(child);
    free(child->buffer); /* NOLINT(clang-analyzer-unix.Malloc): a freed place has none, which the analyzer forgets */
    *child = (struct child){0};
    return status;
}

void jobs_free(struct jobs **jobs)
{
    if (!*jobs)
        return;
    for (int i = 0; (*jobs)->children && i < (*jobs)->options.limit; i++)
        if ((*jobs)->children[i].pid)
            reap(&(*jobs)->children[i]);
    if ((*jobs)->told)
        munmap((*jobs)->told, sizeof *(*jobs)->told);
    free((*jobs)->children);
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

/* Two pipes: fds[0], fds[1] for reports and fds[2], fds[3] for orders, if there are to be any, otherwise -1. */
static int make_pipes(int fds[4], bool has_orders, struct error *error)
{
    int number;

    fds[2] = fds[3] = -1;
    if (pipe2(fds, O_CLOEXEC))
        return error_set_errno(error, errno, "cannot make a pipe");
    /* What poll said of a child that has ended may be taken for its successor's, which has the same descriptor. */
    if (fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0 && (!has_orders || pipe2(fds + 2, O_CLOEXEC) == 0))
        return 0;
    number = errno;
    close(fds[0]);
    close(fds[1]);
    return error_set_errno(error, number, "cannot set up a pipe");
}

/* Forks a child for task into the free place `child`; has_orders: it is to serve orders. 0, or -1 and error. */
static int fork_child(struct jobs *jobs, struct child *child, const struct job_task *task, void *item, bool has_orders,
                      struct error *error)
{
    struct jobs_child start = {
        .parent = getpid(), .options = &jobs->options, .running = jobs->told, .task = task, .item = item};
    int fds[4], number;

    if (make_pipes(fds, has_orders, error))
        return -1;
    fflush(NULL); /* or the child would write it again */
    child->pid = fork();
    number = errno;
    if (child->pid == 0) {
        for (int i = 0; i < jobs->options.limit; i++)
            if (jobs->children[i].pid)
                close_ends(&jobs->children[i]);
        close(fds[0]);
        if (has_orders)
            close(fds[3]);
        start.reports = fds[1];
        start.orders = fds[2];
        jobs_child_run(&start);
    }
    close(fds[1]);
    if (has_orders)
        close(fds[2]);
    *child = (struct child){.pid = child->pid, .fd = fds[0], .orders = fds[3], .task = task, .item = item};
    if (child->pid > 0)
        return 0;
    close_ends(child);
    child->pid = 0;
    return error_set_errno(error, number, "cannot start a process");
}

/* Hands the order to a child that waits for one. 0, or -1 when the child is gone. */
static int hand_over(struct child *child, const json_t *order)
{
    /* The pipe is empty, so an order, which is shorter than it, goes in at once. */
    return json_dumpfd(order, child->orders, JSON_COMPACT) || write(child->orders, "\n", 1) != 1 ? -1 : 0;
}

/* A child that waits for orders of that task, or NULL. */
static struct child *find_idle(const struct jobs *jobs, const struct job_task *task)
{
    for (int i = 0; i < jobs->options.limit; i++)
        if (jobs->children[i].pid && !jobs->children[i].item && jobs->children[i].task == task)
            return &jobs->children[i];
    return NULL;
}

/* A place for a new child, if need be that of one that waits. */
static struct child *make_place(struct jobs *jobs)
{
    struct child *place = NULL;

    for (int i = 0; i < jobs->options.limit; i++) {
        struct child *child = &jobs->children[i];

        if (!child->pid)
            return child;
        if (!child->item)
            place = child;
    }
    if (place)
        reap(place);
    return place;
}

/* Finds or forks the child that does the work on item. NULL and error when there can be none. */
static struct child *employ(struct jobs *jobs, const struct job_task *task, void *item, struct error *error)
{
    json_t *order = task->order ? task->order(item) : NULL;
    struct child *child = order ? find_idle(jobs, task) : NULL;

    if (child && hand_over(child, order)) {
        reap(child);
        child = NULL;
    }
    if (!child) {
        child = make_place(jobs);
        if (fork_child(jobs, child, task, item, order != NULL, error)) {
            child = NULL;
        } else if (order && hand_over(child, order)) {
            error_set(error, ERROR_IO, "a new working process is gone at once");
            reap(child);
            child = NULL;
        }
    }
    json_decref(order);
    return child;
}

int jobs_start(struct jobs *jobs, const struct job_task *task, void *item, struct error *error)
{
    struct child *child = employ(jobs, task, item, error);

    if (!child)
        return -1;
    child->item = item;
    child->stall_timeout = task->stall_timeout > 0 ? task->stall_timeout : jobs->options.stall_timeout;
    child->heard = clock_seconds();
    count_child(jobs, 1);
    return 0;
}

static bool is_watched(const struct child *child)
{
    return child->item && child->stall_timeout > 0;
}

size_t jobs_prepare(const struct jobs *jobs, struct pollfd *fds, size_t max, int *timeout_ms)
{
    size_t count = 0;
    double time = clock_seconds();

    for (int i = 0; i < jobs->options.limit && count < max; i++) {
        const struct child *child = &jobs->children[i];

        if (!child->pid)
            continue;
        fds[count++] = (struct pollfd){.fd = child->fd, .events = POLLIN};
        if (is_watched(child)) {
            int left = (int)ceil(fmax(0, child->heard + child->stall_timeout - time) * 1000) + 1;

            if (*timeout_ms < 0 || left < *timeout_ms)
                *timeout_ms = left;
        }
    }
    return count;
}

/* Delivers the whole lines of the child's buffer. */
static void deliver(struct jobs *jobs, struct child *child)
{
    char *line = child->buffer, *end = child->buffer + child->length, *newline;

    while (child->item && line < end && (newline = memchr(line, '\n', (size_t)(end - line)))) {
        json_t *record = *line == '{' ? json_loadb(line, (size_t)(newline - line), 0, NULL) : NULL;

        if (record)
            child->task->report(jobs->owner, child->item, record);
        json_decref(record);
        child->has_served |= child->orders >= 0 && *line == JOBS_SERVED[0];
        line = newline + 1;
    }
    child->length = (size_t)(end - line);
    if (child->length)
        memmove(child->buffer, line, child->length);
}

/* Reads once from the child. False when it has closed its end. */
static bool listen_to(struct jobs *jobs, struct child *child)
{
    ssize_t got;

    if (child->room - child->length < READ_SIZE) {
        char *more = realloc(child->buffer, child->length + READ_SIZE);

        if (!more)
            return false;
        child->buffer = more;
        child->room = child->length + READ_SIZE;
    }
    got = read(child->fd, child->buffer + child->length, READ_SIZE);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (got == 0)
        return false;
    child->heard = clock_seconds();
    child->length += (size_t)got;
    deliver(jobs, child);
    return true;
}

/* What a child's end says of its work: NULL (nothing is wrong), or fault, filled in. */
static const struct error *find_fault(const struct child *child, int status, struct error *fault)
{
    if (child->has_stalled)
        error_set(fault, ERROR_STALLED, "the working process made no progress for %g seconds and was killed",
                  child->stall_timeout);
    else if (WIFSIGNALED(status))
        error_set(fault, ERROR_CRASHED, "the working process was killed by signal SIG%s",
                  sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
    else if (WEXITSTATUS(status))
        error_set(fault, ERROR_CRASHED, "the working process ended with status %d", WEXITSTATUS(status));
    else if (child->orders >= 0)
        error_set(fault, ERROR_CRASHED, "the working process ended before its work");
    else
        return NULL;
    return fault;
}

/* Ends the child and tells its owner how it went, or has the work done again. */
static void end_child(struct jobs *jobs, struct child *child)
{
    const struct child ended = *child;
    struct error error, space;
    int status = reap(child);
    const struct error *fault = find_fault(&ended, status, &space);

    if (!ended.item)
        return;
    count_child(jobs, -1);
    jobs->faults += fault != NULL;
    if (fault && ended.served > 0 && !ended.has_stalled && jobs_start(jobs, ended.task, ended.item, &error) == 0)
        return;
    ended.task->ended(jobs->owner, ended.item, fault);
}

/* The child has done its order: it may have another one. */
static void end_order(struct jobs *jobs, struct child *child)
{
    const struct job_task *task = child->task;
    void *item = child->item;

    child->item = NULL;
    child->has_served = false;
    child->length = 0;
    count_child(jobs, -1);
    if (++child->served == ORDERS_MAX)
        reap(child);
    task->ended(jobs->owner, item, NULL);
}

static const struct pollfd *find(const struct pollfd *fds, size_t count, int fd)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i].fd == fd)
            return &fds[i];
    return NULL;
}

void jobs_handle(struct jobs *jobs, const struct pollfd *fds, size_t count)
{
    for (int i = 0; i < jobs->options.limit; i++) {
        struct child *child = &jobs->children[i];
        const struct pollfd *ready = child->pid ? find(fds, count, child->fd) : NULL;

        if (!ready)
            continue;
        if (ready->revents) {
            if (!listen_to(jobs, child))
                end_child(jobs, child);
            else if (child->has_served)
                end_order(jobs, child);
        } else if (is_watched(child) && clock_seconds() - child->heard > child->stall_timeout) {
            child->has_stalled = true;
            end_child(jobs, child);
        }
    }
}
