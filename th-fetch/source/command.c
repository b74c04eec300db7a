#include "th-fetch/source/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OUTPUT_MAX =
        8 * 1024 * 1024,  /* bytes; the answer for a YouTube page has about 1 MiB, its JSON values 30 times that */
    ERR_KEPT = 16 * 1024, /* bytes, the last ones of stderr */
    READ_BYTES = 64 * 1024
};

static bool is_program(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) && access(path, X_OK) == 0;
}

bool command_exists(const char *name)
{
    const char *folders = getenv("PATH") ? getenv("PATH") : "/usr/local/bin:/usr/bin:/bin";
    char path[4096];

    if (strchr(name, '/'))
        return is_program(name);
    for (const char *at = folders; at;) {
        size_t length = strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/%s", length > 0 ? (int)length : 1, length > 0 ? at : ".", name);
        if (is_program(path))
            return true;
        at = at[length] ? at + length + 1 : NULL;
    }
    return false;
}

__attribute__((noreturn)) static void run_words(const char *const *words, int kept_fd, int out, int err)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        _exit(COMMAND_NOT_RUN);
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (kept_fd >= 0)
        fcntl(kept_fd, F_SETFD, 0);
    execvp(words[0], (char *const *)words);
    dprintf(STDERR_FILENO, "ERROR: cannot run '%s': %s\n", words[0], strerror(errno));
    _exit(COMMAND_NOT_RUN);
}

struct text {
    char *bytes; /* NUL-ended */
    size_t length, room;
};

static bool append(struct text *text, const char *bytes, size_t length)
{
    if (text->length + length + 1 > text->room) {
        size_t room = (text->length + length + 1) * 2;
        char *more = realloc(text->bytes, room);
        if (!more)
            return false;
        text->bytes = more;
        text->room = room;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
    return true;
}

enum read_end { READ_ALL, READ_TOO_MUCH, READ_FAILED };

/* Reads both to their ends; of stderr only the last bytes are kept. */
static enum read_end read_output(int out_fd, int err_fd, struct job *job, struct text *out, struct text *err)
{
    struct pollfd fds[] = {{.fd = out_fd, .events = POLLIN}, {.fd = err_fd, .events = POLLIN}};
    struct text *streams[] = {out, err};
    char buffer[READ_BYTES];

    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 2, -1) < 0) {
            if (errno != EINTR)
                return READ_FAILED;
            continue;
        }
        for (int i = 0; i < 2; i++) {
            if (fds[i].fd < 0 || !fds[i].revents)
                continue;
            ssize_t got = read(fds[i].fd, buffer, sizeof buffer);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                fds[i].fd = -1;
            else if (!append(streams[i], buffer, (size_t)got))
                return READ_FAILED;
            else if (out->length > OUTPUT_MAX)
                return READ_TOO_MUCH;
            if (job && got > 0)
                job_alive(job);
        }
        if (job)
            out->length = 0;
        if (err->length > (size_t)2 * ERR_KEPT) {
            memmove(err->bytes, err->bytes + err->length - ERR_KEPT, ERR_KEPT + 1);
            err->length = ERR_KEPT;
        }
    }
    return READ_ALL;
}

static void kill_group(int number)
{
    (void)number;
    kill(0, SIGKILL);
}

/* Kills the process group when the parent dies: the command may have children, which a signal to this process alone
 * would not reach. False when the parent has died already. */
static bool die_with_parent(void)
{
    pid_t parent = getppid();

    signal(SIGTERM, kill_group);
    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent;
}

static void close_both(const int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

int command_run(const char *const *words, int kept_fd, struct job *job, struct command_output *output)
{
    int out[2] = {-1, -1}, err[2] = {-1, -1}, result = -1;
    struct text out_bytes = {0}, err_bytes = {0};
    pid_t command = -1;

    *output = (struct command_output){0};
    if (!die_with_parent() || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        goto end;
    command = fork();
    if (command < 0)
        goto end;
    if (command == 0)
        run_words(words, kept_fd, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    out[1] = err[1] = -1;
    enum read_end end = read_output(out[0], err[0], job, &out_bytes, &err_bytes);
    output->is_endless = end == READ_TOO_MUCH;
    if (end != READ_ALL)
        kill(command, SIGKILL);
    while (waitpid(command, &output->status, 0) < 0 && errno == EINTR)
        ;
    output->out = out_bytes.bytes;
    output->out_length = out_bytes.length;
    output->err = err_bytes.bytes;
    result = end == READ_FAILED ? -1 : 0;
    if (result < 0)
        command_output_clear(output);
end:
    close_both(out);
    close_both(err);
    return result;
}

void command_output_clear(struct command_output *output)
{
    free(output->out);
    free(output->err);
    *output = (struct command_output){0};
}
