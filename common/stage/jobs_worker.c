#include "common/stage/jobs_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/line.h"
#include "common/memory.h"
#include "common/output/write_all.h"
#include "common/stage/process.h"

enum { READ_SIZE = 1 << 16 };

/* A child sends lines: a JSON object, or one of these. */
static const char alive_line[] = ".\n";  /* job_alive */
static const char forbidden = '!';       /* begins the line of a system call that the sandbox forbids: its number */
static const char served_line[] = "=\n"; /* the order is done; nothing follows until the next one */

/* In the child. */
struct job {
    const struct jobs *jobs;
    int reports; /* descriptor to write to */
    int orders;  /* descriptor to read orders from; -1: does `work` once */
    double said; /* clock_seconds() of its last message */
    double gap;  /* seconds after it before job_alive sends another */
};

/* Own process group, dies with the parent, signals unblocked, RLIMIT_AS set. */
static void set_up_process(int64_t max_memory, pid_t parent)
{
    struct rlimit memory = {(rlim_t)max_memory, (rlim_t)max_memory};
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (max_memory > 0 && setrlimit(RLIMIT_AS, &memory))
        _exit(1);
}

/* Closes the parent's descriptors above stderr but those of kept (count, -1 for none). A child that keeps them could
 * write to them, and would keep the disk space of deleted files. */
static void close_others(const int *kept, size_t count)
{
    unsigned int from = STDERR_FILENO + 1;

    for (;;) {
        unsigned int next = ~0u;

        for (size_t i = 0; i < count; i++)
            if (kept[i] >= (int)from && (unsigned int)kept[i] < next)
                next = (unsigned int)kept[i];
        if (next > from)
            (void)close_range(from, next - 1, 0); /* kernels before 5.9 have no such call */
        if (next == ~0u)
            return;
        from = next + 1;
    }
}

/* The parent's stdin and stdout are manifests. */
static void leave_manifests(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        _exit(1);
    close(null);
}

/* Takes from the child what its work does not need. */
static void limit_rights(const struct job *job, const struct job_task *task, const void *item)
{
    struct sandbox sandbox = {.ruleset = -1, .kept_fd = -1};
    bool is_closed = task->access;

    if (is_closed) {
        sandbox_open(&sandbox);
        is_closed = task->access(item, &sandbox);
    }
    close_others((const int[]){job->reports, job->orders, sandbox.kept_fd, sandbox.ruleset}, 4);
    if (is_closed && sandbox_enter(&sandbox, job->reports))
        _exit(EXIT_FAILURE);
}

static int send_bytes(struct job *job, const char *bytes, size_t length)
{
    if (write_all(job->reports, bytes, length))
        return -1;
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

        text[length++] = '\n'; /* replaces the NUL */
        status = send_bytes(job, text, length);
    }
    free(text);
    return status;
}

void job_alive(struct job *job)
{
    if (clock_seconds() - job->said >= job->gap)
        (void)send_bytes(job, alive_line, strlen(alive_line));
}

int job_processors(const struct job *job)
{
    int running = *job->jobs->running, share = running > 0 ? job->jobs->options.limit / running : 1;

    return share > 0 ? share : 1;
}

/* Serves orders until the parent closes the pipe. Non-zero when one failed. */
static int serve_all(struct job *job, const struct job_task *task)
{
    FILE *orders = fdopen(job->orders, "r");
    json_t *order;
    int status = orders ? 0 : -1;

    while (!status && (order = json_loadf(orders, JSON_DISABLE_EOF_CHECK, NULL))) {
        job->said = clock_seconds();
        status = task->serve(job, order);
        json_decref(order);
        if (!status)
            status = send_bytes(job, served_line, strlen(served_line));
    }
    if (orders)
        fclose(orders);
    return status;
}

/* Makes two pipes: fds[0], fds[1] for reports and fds[2], fds[3] for orders (-1 without has_orders). */
static int make_pipes(int fds[4], bool has_orders, struct error *error)
{
    int number;

    fds[2] = fds[3] = -1;
    if (pipe2(fds, O_CLOEXEC))
        return error_set_errno(error, errno, "cannot make a pipe");
    /* Non-blocking: a poll result may be for an ended child whose descriptor number a new child reuses. */
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

/* Seconds between two messages of job_alive: several in each limit, so that a child that works is not killed. */
static double alive_gap(double stall_timeout)
{
    return stall_timeout > 0 && stall_timeout < 4 ? stall_timeout / 4 : 1;
}

int jobs_worker_fork(const struct jobs *jobs, struct jobs_worker *worker, const struct job_task *task, void *item,
                     bool has_orders, struct error *error)
{
    double stall_timeout = task->stall_timeout > 0 ? task->stall_timeout : jobs->options.stall_timeout;
    int fds[4], number;
    pid_t pid, parent = getpid();

    if (make_pipes(fds, has_orders, error))
        return -1;
    fflush(NULL); /* otherwise the child would write buffered output again */
    pid = fork();
    number = errno;
    if (pid == 0) {
        struct job job = {.jobs = jobs,
                          .reports = fds[1],
                          .orders = fds[2],
                          .said = clock_seconds(),
                          .gap = alive_gap(stall_timeout)};

        memory_end_silently();
        leave_manifests();
        for (int i = 0; i < jobs->options.limit; i++)
            if (jobs->workers[i].pid)
                close_ends(&jobs->workers[i]);
        close(fds[0]);
        if (has_orders)
            close(fds[3]);
        set_up_process(task->runs_command ? 0 : jobs->options.max_memory, parent);
        if (!task->runs_command)
            limit_rights(&job, task, item);
        process_exit((has_orders ? serve_all(&job, task) : task->work(&job, item)) ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    close(fds[1]);
    if (has_orders)
        close(fds[2]);
    *worker = (struct jobs_worker){.pid = pid,
                                   .fd = fds[0],
                                   .orders = fds[3],
                                   .task = task,
                                   .item = item,
                                   .stall_timeout = stall_timeout,
                                   .forbidden_call = -1};
    if (pid > 0)
        return 0;
    close_ends(worker);
    worker->pid = 0;
    return error_set_errno(error, number, "cannot start a process");
}

int jobs_worker_order(const struct jobs_worker *worker, const json_t *order)
{
    /* The pipe is empty and larger than an order, so the write does not block. */
    return json_dumpfd(order, worker->orders, JSON_COMPACT) || write(worker->orders, "\n", 1) != 1 ? -1 : 0;
}

/* Handles a line of length bytes, newline included. False when the child has no such line to send. */
static bool deliver_line(struct jobs_worker *worker, void *owner, const char *line, size_t length)
{
    json_t *record;
    bool is_good;

    if (length == strlen(alive_line) && !memcmp(line, alive_line, length))
        return true;
    if (length == strlen(served_line) && !memcmp(line, served_line, length)) {
        worker->has_served = worker->orders >= 0;
        return worker->has_served;
    }
    if (*line == forbidden) {
        worker->forbidden_call = (int)strtol(line + 1, NULL, 10);
        return true;
    }
    record = json_loadb(line, length, 0, NULL);
    is_good = json_is_object(record) && !worker->task->report(owner, worker->item, record);
    json_decref(record);
    return is_good;
}

/* Delivers the complete lines in the buffer. */
static void deliver_reports(struct jobs_worker *worker, void *owner)
{
    char *line = worker->buffer, *end = worker->buffer + worker->length, *newline;

    while (worker->item && !worker->has_lied && line < end && (newline = memchr(line, '\n', (size_t)(end - line)))) {
        worker->has_lied = !deliver_line(worker, owner, line, (size_t)(newline + 1 - line));
        line = newline + 1;
    }
    worker->length = (size_t)(end - line);
    worker->has_lied |= worker->length > LINE_BYTES_MAX;
    if (worker->length)
        memmove(worker->buffer, line, worker->length);
}

bool jobs_worker_listen(struct jobs_worker *worker, const struct jobs *jobs)
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
    worker->heard = jobs->watched;
    worker->length += (size_t)got;
    deliver_reports(worker, jobs->owner);
    return !worker->has_lied;
}

int jobs_worker_reap(struct jobs_worker *worker)
{
    int status = 0;

    kill(-worker->pid, SIGKILL);
    kill(worker->pid, SIGKILL); /* it may not have called setpgid() yet */
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close_ends(worker);
    free(worker->buffer); /* NOLINT(clang-analyzer-unix.Malloc): a freed place has none, which the analyzer forgets */
    *worker = (struct jobs_worker){0};
    return status;
}

static void set_forbidden(int call, struct error *fault)
{
    char *name = sandbox_call_name(call);

    error_set(fault, ERROR_CRASHED, "the working process made the system call %s, which its sandbox forbids",
              name ? name : "of an unknown name");
    free(name);
}

static void set_out_of_memory(int64_t max_memory, struct error *fault)
{
    if (max_memory > 0)
        error_set(fault, ERROR_CRASHED, "the working process ran out of memory, of which --max-memory allows %lld MiB",
                  (long long)(max_memory >> 20));
    else
        error_set(fault, ERROR_CRASHED, "the working process ran out of memory");
}

const struct error *jobs_worker_fault(const struct jobs *jobs, const struct jobs_worker *worker, int status,
                                      struct error *fault)
{
    if (worker->has_stalled)
        error_set(fault, ERROR_STALLED, "the working process made no progress for %g seconds and was killed",
                  worker->stall_timeout);
    else if (worker->has_lied)
        error_set(fault, ERROR_CRASHED, "the working process sent what is no record of its work, and was killed");
    else if (worker->forbidden_call >= 0)
        set_forbidden(worker->forbidden_call, fault);
    else if (WIFSIGNALED(status))
        error_set(fault, ERROR_CRASHED, "the working process was killed by signal SIG%s",
                  sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
    else if (WEXITSTATUS(status) == MEMORY_EXIT)
        set_out_of_memory(worker->task->runs_command ? 0 : jobs->options.max_memory, fault);
    else if (WEXITSTATUS(status))
        error_set(fault, ERROR_CRASHED, "the working process ended with status %d", WEXITSTATUS(status));
    else if (worker->orders >= 0)
        error_set(fault, ERROR_CRASHED, "the working process ended before its work");
    else
        return NULL;
    return fault;
}
