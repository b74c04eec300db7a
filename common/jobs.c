#include "common/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

enum { READ_SIZE = 1 << 16 };

/* The reports of a child are lines: a JSON object, or one of these. */
static const char alive_line[] = ".\n";

struct child {
    pid_t pid; /* 0: this place is free */
    int fd;    /* its reports */
    const struct job_task *task;
    void *item;
    double stall_timeout; /* seconds, 0: none */
    double heard;         /* when it last gave a sign of life */
    bool has_stalled;
    char *buffer;
    size_t length, room;
};

struct jobs {
    struct jobs_options options;
    void *owner;
    struct child *children; /* options.limit places */
    int running;
    int64_t faults;
};

struct job {
    int fd;
    double said; /* when it last gave a sign of life */
};

struct jobs *jobs_alloc(const struct jobs_options *options, void *owner)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);

    if (!jobs)
        return NULL;
    jobs->options = *options;
    jobs->owner = owner;
    jobs->children = calloc((size_t)options->limit, sizeof *jobs->children);
    if (!jobs->children) {
        free(jobs);
        return NULL;
    }
    return jobs;
}

/* Waits for a child that has ended or is about to; its process group is killed, so that nothing it started is left. */
static int reap(struct child *child)
{
    int status = 0;

    kill(-child->pid, SIGKILL);
    kill(child->pid, SIGKILL); /* it may not have made its group yet */
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(child->fd);
    free(child->buffer);
    *child = (struct child){0};
    return status;
}

void jobs_free(struct jobs **jobs)
{
    if (!*jobs)
        return;
    for (int i = 0; i < (*jobs)->options.limit; i++)
        if ((*jobs)->children[i].pid)
            reap(&(*jobs)->children[i]);
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

/* What a child is before its work begins: of its own group, mortal, deaf to nothing, limited. */
static void settle(const struct jobs *jobs, pid_t parent)
{
    struct rlimit memory = {(rlim_t)jobs->options.max_memory, (rlim_t)jobs->options.max_memory};
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (jobs->options.max_memory > 0 && setrlimit(RLIMIT_AS, &memory))
        _exit(1);
}

static void run_child(const struct jobs *jobs, const struct job_task *task, void *item, int fd, pid_t parent)
    __attribute__((noreturn));

static void run_child(const struct jobs *jobs, const struct job_task *task, void *item, int fd, pid_t parent)
{
    struct job job = {.fd = fd, .said = clock_seconds()};

    settle(jobs, parent);
    for (int i = 0; i < jobs->options.limit; i++)
        if (jobs->children[i].pid)
            close(jobs->children[i].fd);
    exit(task->work(&job, item) ? EXIT_FAILURE : EXIT_SUCCESS);
}

int jobs_start(struct jobs *jobs, const struct job_task *task, void *item, struct error *error)
{
    struct child *child = jobs->children;
    pid_t parent = getpid();
    int ends[2];

    while (child->pid)
        child++;
    if (pipe2(ends, O_CLOEXEC))
        return error_set_errno(error, errno, "cannot make a pipe");
    /* What poll said of a child that has ended may be taken for its successor's, which has the same descriptor. */
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK)) {
        int number = errno;

        close(ends[0]);
        close(ends[1]);
        return error_set_errno(error, number, "cannot set up a pipe");
    }
    fflush(NULL); /* or the child would write it again */
    child->pid = fork();
    if (child->pid < 0) {
        int number = errno;

        child->pid = 0;
        close(ends[0]);
        close(ends[1]);
        return error_set_errno(error, number, "cannot start a process");
    }
    if (child->pid == 0) {
        close(ends[0]);
        run_child(jobs, task, item, ends[1], parent);
    }
    close(ends[1]);
    child->fd = ends[0];
    child->task = task;
    child->item = item;
    child->stall_timeout = task->stall_timeout > 0 ? task->stall_timeout : jobs->options.stall_timeout;
    child->heard = clock_seconds();
    jobs->running++;
    return 0;
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
        if (child->stall_timeout > 0) {
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

    while (line < end && (newline = memchr(line, '\n', (size_t)(end - line)))) {
        json_t *record = *line == '{' ? json_loadb(line, (size_t)(newline - line), 0, NULL) : NULL;

        if (record)
            child->task->report(jobs->owner, child->item, record);
        json_decref(record);
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

/* Ends the child and tells its owner how it went. */
static void end_child(struct jobs *jobs, struct child *child)
{
    const struct job_task *task = child->task;
    void *item = child->item;
    double timeout = child->stall_timeout;
    bool has_stalled = child->has_stalled;
    struct error fault = {0};
    int status = reap(child);

    jobs->running--;
    if (has_stalled)
        error_set(&fault, ERROR_STALLED, "the working process made no progress for %g seconds and was killed", timeout);
    else if (WIFSIGNALED(status))
        error_set(&fault, ERROR_CRASHED, "the working process was killed by signal SIG%s",
                  sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
    else if (WEXITSTATUS(status))
        error_set(&fault, ERROR_CRASHED, "the working process ended with status %d", WEXITSTATUS(status));
    jobs->faults += fault.word != ERROR_NONE;
    task->ended(jobs->owner, item, fault.word ? &fault : NULL);
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
        } else if (child->stall_timeout > 0 && clock_seconds() - child->heard > child->stall_timeout) {
            child->has_stalled = true;
            end_child(jobs, child);
        }
    }
}

static int send_all(struct job *job, const char *bytes, size_t length)
{
    while (length) {
        ssize_t put = write(job->fd, bytes, length);

        if (put < 0 && errno != EINTR)
            return -1;
        if (put > 0) {
            bytes += put;
            length -= (size_t)put;
        }
    }
    job->said = clock_seconds();
    return 0;
}

int job_report(struct job *job, json_t *record)
{
    char *text = record ? json_dumps(record, JSON_COMPACT) : NULL;
    int status = -1;

    json_decref(record);
    if (text) {
        size_t length = strlen(text);

        text[length++] = '\n'; /* in the place of the NUL */
        status = send_all(job, text, length);
    }
    free(text);
    return status;
}

void job_alive(struct job *job)
{
    if (clock_seconds() - job->said >= 1)
        (void)send_all(job, alive_line, sizeof alive_line - 1);
}
