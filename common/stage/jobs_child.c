#include "common/stage/jobs_child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/output/write_all.h"
#include "common/stage/process.h"

struct job {
    const struct jobs_child *child;
    int fd;
    double said; /* clock_seconds() of its last message */
};

/* Own process group, dies with the parent, signals unblocked, RLIMIT_AS set. */
static void set_up_process(const struct jobs_child *child)
{
    int64_t max = child->task->has_any_memory ? 0 : child->options->max_memory;
    struct rlimit memory = {(rlim_t)max, (rlim_t)max};
    sigset_t none;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->parent)
        _exit(1);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (max > 0 && setrlimit(RLIMIT_AS, &memory))
        _exit(1);
}

static int send_bytes(struct job *job, const char *bytes, size_t length)
{
    if (write_all(job->fd, bytes, length))
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
    if (clock_seconds() - job->said >= 1)
        (void)send_bytes(job, JOBS_ALIVE, strlen(JOBS_ALIVE));
}

int job_processors(const struct job *job)
{
    int running = *job->child->running, share = running > 0 ? job->child->options->limit / running : 1;

    return share > 0 ? share : 1;
}

/* Closes the parent's descriptors: a long-lived child would keep the disk space of deleted files. */
static void close_others(const struct jobs_child *child)
{
    unsigned int low = (unsigned int)(child->reports < child->orders ? child->reports : child->orders);
    unsigned int high = (unsigned int)(child->reports < child->orders ? child->orders : child->reports);

    (void)(close_range(STDERR_FILENO + 1, low - 1, 0) | close_range(low + 1, high - 1, 0) |
           close_range(high + 1, ~0u,
                       0)); /* fails for an empty range, and in kernels before 5.9, where only disk space is lost */
}

/* Serves orders until the parent closes the pipe. Non-zero when one failed. */
static int serve_all(struct job *job, const struct jobs_child *child)
{
    FILE *orders = fdopen(child->orders, "r");
    json_t *order;
    int status = orders ? 0 : -1;

    close_others(child);
    while (!status && (order = json_loadf(orders, JSON_DISABLE_EOF_CHECK, NULL))) {
        job->said = clock_seconds();
        status = child->task->serve(job, order);
        json_decref(order);
        if (!status)
            status = send_bytes(job, JOBS_SERVED, strlen(JOBS_SERVED));
    }
    if (orders)
        fclose(orders);
    return status;
}

void jobs_child_run(const struct jobs_child *child)
{
    struct job job = {.child = child, .fd = child->reports, .said = clock_seconds()};
    int status;

    set_up_process(child);
    status = child->orders >= 0 ? serve_all(&job, child) : child->task->work(&job, child->item);
    process_exit(status ? EXIT_FAILURE : EXIT_SUCCESS);
}
