#include "common/stage/jobs_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

enum { READ_SIZE = 1 << 16 };

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

static void close_ends(const struct jobs_worker *worker)
{
    close(worker->fd);
    if (worker->orders >= 0)
        close(worker->orders);
}

int jobs_worker_fork(struct jobs_worker *worker, const struct jobs_worker *workers, int count, struct jobs_child start,
                     bool has_orders, struct error *error)
{
    int fds[4], number;
    pid_t pid;

    if (make_pipes(fds, has_orders, error))
        return -1;
    start.parent = getpid();
    fflush(NULL); /* or the child would write it again */
    pid = fork();
    number = errno;
    if (pid == 0) {
        for (int i = 0; i < count; i++)
            if (workers[i].pid)
                close_ends(&workers[i]);
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
    *worker = (struct jobs_worker){.pid = pid, .fd = fds[0], .orders = fds[3], .task = start.task, .item = start.item};
    if (pid > 0)
        return 0;
    close_ends(worker);
    worker->pid = 0;
    return error_set_errno(error, number, "cannot start a process");
}

int jobs_worker_order(const struct jobs_worker *worker, const json_t *order)
{
    /* The pipe is empty, so an order, which is shorter than it, goes in at once. */
    return json_dumpfd(order, worker->orders, JSON_COMPACT) || write(worker->orders, "\n", 1) != 1 ? -1 : 0;
}

/* Delivers the whole lines of the child's buffer. */
static void deliver_reports(struct jobs_worker *worker, void *owner)
{
    char *line = worker->buffer, *end = worker->buffer + worker->length, *newline;

    while (worker->item && line < end && (newline = memchr(line, '\n', (size_t)(end - line)))) {
        json_t *record = *line == '{' ? json_loadb(line, (size_t)(newline - line), 0, NULL) : NULL;

        if (record)
            worker->task->report(owner, worker->item, record);
        json_decref(record);
        worker->has_served |= worker->orders >= 0 && *line == JOBS_SERVED[0];
        line = newline + 1;
    }
    worker->length = (size_t)(end - line);
    if (worker->length)
        memmove(worker->buffer, line, worker->length);
}

bool jobs_worker_listen(struct jobs_worker *worker, void *owner)
{
    ssize_t got;

    if (worker->room - worker->length < READ_SIZE) {
        char *more = realloc(worker->buffer, worker->length + READ_SIZE);

        if (!more)
            return false;
        worker->buffer = more;
        worker->room = worker->length + READ_SIZE;
    }
    got = read(worker->fd, worker->buffer + worker->length, READ_SIZE);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (got == 0)
        return false;
    worker->heard = clock_seconds();
    worker->length += (size_t)got;
    deliver_reports(worker, owner);
    return true;
}

int jobs_worker_reap(struct jobs_worker *worker)
{
    int status = 0;

    kill(-worker->pid, SIGKILL);
    kill(worker->pid, SIGKILL); /* it may not have made its group yet */
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close_ends(worker);
    free(worker->buffer); /* NOLINT(clang-analyzer-unix.Malloc): a freed place has none, which the analyzer forgets */
    *worker = (struct jobs_worker){0};
    return status;
}

const struct error *jobs_worker_fault(const struct jobs_worker *worker, int status, struct error *fault)
{
    if (worker->has_stalled)
        error_set(fault, ERROR_STALLED, "the working process made no progress for %g seconds and was killed",
                  worker->stall_timeout);
    else if (WIFSIGNALED(status))
        error_set(fault, ERROR_CRASHED, "the working process was killed by signal SIG%s",
                  sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
    else if (WEXITSTATUS(status))
        error_set(fault, ERROR_CRASHED, "the working process ended with status %d", WEXITSTATUS(status));
    else if (worker->orders >= 0)
        error_set(fault, ERROR_CRASHED, "the working process ended before its work");
    else
        return NULL;
    return fault;
}
