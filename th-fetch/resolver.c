#include "resolver.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/text.h"
#include "th-fetch/answer.h"

enum {
    OUTPUT_MAX = 32 * 1024 * 1024, /* bytes of an answer; YouTube's are about one million */
    SAID_MAX = 16 * 1024,          /* the end of stderr that is kept */
    WORDS_MAX = 64,
    NOT_RUN = 127 /* exit status of a command that could not be started, as the shell has it */
};

/* yt-dlp's options: one video, as JSON, in the format that the data set was made from, untouched by the user's own
 * configuration. */
static const char *const default_words[] = {"yt-dlp",
                                            "--ignore-config",
                                            "--dump-single-json",
                                            "--no-playlist",
                                            "--no-warnings",
                                            "--no-progress",
                                            "--format",
                                            "bestvideo[ext=mp4][vcodec^=avc1]/bestvideo[ext=mp4]/best[ext=mp4]/best",
                                            NULL};

struct resolver {
    char *words_memory; /* of the user's command */
    const char *words[WORDS_MAX + 8];
    size_t count;
    const char *cookies;
    bool is_default;
};

static void add_word(struct resolver *resolver, const char *word)
{
    resolver->words[resolver->count++] = word;
}

static int split_words(struct resolver *resolver, const char *command, struct error *error)
{
    resolver->words_memory = strdup(command);
    if (!resolver->words_memory)
        return error_set(error, ERROR_IO, "out of memory");
    char *rest = NULL;
    for (char *word = strtok_r(resolver->words_memory, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest)) {
        if (resolver->count == WORDS_MAX)
            return error_set(error, ERROR_RESOLVER, "the resolver's command has more than %d words", WORDS_MAX);
        add_word(resolver, word);
    }
    return resolver->count > 0 ? 0 : error_set(error, ERROR_RESOLVER, "the resolver's command is empty");
}

int resolver_alloc(struct resolver **out, const struct resolver_options *options, struct error *error)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);

    *out = NULL;
    if (!resolver)
        return error_set(error, ERROR_IO, "out of memory");
    resolver->is_default = !options->command;
    if (options->command) {
        if (split_words(resolver, options->command, error) < 0) {
            resolver_free(&resolver);
            return -1;
        }
    } else {
        for (const char *const *word = default_words; *word; word++)
            add_word(resolver, *word);
        if (options->proxy) {
            add_word(resolver, "--proxy");
            add_word(resolver, options->proxy);
        }
        resolver->cookies = options->cookies;
    }
    *out = resolver;
    return 0;
}

void resolver_free(struct resolver **resolver)
{
    if (!*resolver)
        return;
    free((*resolver)->words_memory);
    free(*resolver);
    *resolver = NULL;
}

static bool is_program(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) && access(path, X_OK) == 0;
}

int resolver_check(const struct resolver *resolver, struct error *error)
{
    const char *name = resolver->words[0];
    const char *folders = getenv("PATH") ? getenv("PATH") : "/usr/local/bin:/usr/bin:/bin";
    char path[4096];

    if (strchr(name, '/')) {
        if (is_program(name))
            return 0;
        return error_set(error, ERROR_RESOLVER, "the resolver '%.200s' is not a program that can be run", name);
    }
    for (const char *at = folders; at;) {
        size_t length = strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/%s", length > 0 ? (int)length : 1, length > 0 ? at : ".", name);
        if (is_program(path))
            return 0;
        at = at[length] ? at + length + 1 : NULL;
    }
    return error_set(error, ERROR_RESOLVER, "the resolver '%.200s' is not installed", name);
}

/* A copy of the cookie file in memory, for yt-dlp writes its cookies back when it ends: several would spoil the file
 * for each other. Its descriptor, which commands inherit, or -1. */
static int copy_cookies(const char *path)
{
    char buffer[65536];
    ssize_t got = -1;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    int to = memfd_create("cookies", 0);

    if (from >= 0 && to >= 0)
        while ((got = read(from, buffer, sizeof buffer)) > 0)
            if (write(to, buffer, (size_t)got) != got)
                break;
    if (from >= 0)
        close(from);
    if (to >= 0 && (got != 0 || lseek(to, 0, SEEK_SET) < 0)) {
        close(to);
        to = -1;
    }
    return to;
}

/* In the command's process. */
static void become_command(const struct resolver *resolver, const char *page_url, const int out[2], const int err[2])
    __attribute__((noreturn));

static void become_command(const struct resolver *resolver, const char *page_url, const int out[2], const int err[2])
{
    const char *words[sizeof resolver->words / sizeof resolver->words[0] + 4];
    size_t count = 0;
    char cookies[32];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0 || dup2(err[1], STDERR_FILENO) < 0)
        _exit(NOT_RUN);
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    for (; count < resolver->count; count++)
        words[count] = resolver->words[count];
    if (resolver->cookies) {
        int fd = copy_cookies(resolver->cookies);
        if (fd < 0) {
            fprintf(stderr, "ERROR: cannot read the cookie file '%s'\n", resolver->cookies);
            _exit(NOT_RUN);
        }
        snprintf(cookies, sizeof cookies, "/dev/fd/%d", fd);
        words[count++] = "--cookies";
        words[count++] = cookies;
    }
    words[count++] = page_url;
    words[count] = NULL;
    execvp(words[0], (char *const *)words);
    fprintf(stderr, "ERROR: cannot run '%s': %s\n", words[0], strerror(errno));
    _exit(NOT_RUN);
}

/* What has been read of a stream: all of stdout, the end of stderr. */
struct gathered {
    char *bytes;
    size_t length, room;
};

static bool gather(struct gathered *stream, const char *bytes, size_t length)
{
    if (stream->length + length + 1 > stream->room) {
        size_t room = (stream->length + length + 1) * 2;
        char *more = realloc(stream->bytes, room);
        if (!more)
            return false;
        stream->bytes = more;
        stream->room = room;
    }
    memcpy(stream->bytes + stream->length, bytes, length);
    stream->length += length;
    stream->bytes[stream->length] = '\0';
    return true;
}

static void forget_start(struct gathered *stream, size_t kept)
{
    if (stream->length <= 2 * kept)
        return;
    memmove(stream->bytes, stream->bytes + stream->length - kept, kept + 1);
    stream->length = kept;
}

/* Reads both streams to their ends. False when stdout is longer than an answer can be. */
static bool listen_to(int out, int err, struct gathered *said_out, struct gathered *said_err)
{
    struct pollfd fds[] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    struct gathered *streams[] = {said_out, said_err};
    char buffer[65536];

    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return false;
        for (int i = 0; i < 2; i++) {
            if (fds[i].fd < 0 || !fds[i].revents)
                continue;
            ssize_t got = read(fds[i].fd, buffer, sizeof buffer);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                fds[i].fd = -1;
            else if (!gather(streams[i], buffer, (size_t)got) || said_out->length > OUTPUT_MAX)
                return false;
        }
        forget_start(said_err, SAID_MAX);
    }
    return true;
}

/* The last line of text that begins with "ERROR:", else the last line, made plain. */
static void pick_line(char *text, char *out, size_t size)
{
    char *rest = NULL, *picked = NULL;
    bool is_error = false;

    out[0] = '\0';
    for (char *line = text ? strtok_r(text, "\r\n", &rest) : NULL; line; line = strtok_r(NULL, "\r\n", &rest)) {
        bool starts = strncmp(line, "ERROR:", 6) == 0;
        if (starts || !is_error)
            picked = line;
        is_error = is_error || starts;
    }
    if (!picked)
        return;
    picked += is_error ? 6 : 0;
    picked += strspn(picked, " \t");
    snprintf(out, size, "%s", picked);
    text_make_plain(out);
}

/* Parses what the command printed; NULL, and why in `said`, when it is no JSON object. */
static json_t *parse_answer(const struct gathered *out, char *said, size_t size)
{
    json_error_t why = {.text = "nothing was printed"};
    json_t *whole = out->length > 0 ? json_loadb(out->bytes, out->length, 0, &why) : NULL;
    json_t *trimmed = NULL;

    if (json_is_object(whole))
        trimmed = answer_trim(whole);
    else
        snprintf(said, size, "%s", whole ? "it is another kind of value" : why.text);
    text_make_plain(said);
    json_decref(whole);
    return trimmed;
}

static int report(struct job *job, bool is_endless, int status, struct gathered *out, struct gathered *err)
{
    char said[sizeof((struct resolver_outcome *)0)->said] = "";
    bool is_good = !is_endless && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    json_t *answer = NULL;

    if (is_good)
        answer = parse_answer(out, said, sizeof said);
    else
        pick_line(err->bytes, said, sizeof said);
    return job_report(job,
                      json_pack("{s:i, s:i, s:b, s:b, s:s, s:o*}", "exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                                "signal", WIFSIGNALED(status) && !is_endless ? WTERMSIG(status) : 0, "endless",
                                (int)is_endless, "no_json", (int)(is_good && !answer), "said", said, "answer", answer));
}

/* The parent is gone: so goes all that this job started. */
static void end_group(int number)
{
    (void)number;
    kill(0, SIGKILL);
}

int resolver_run(const struct resolver *resolver, const char *page_url, struct job *job)
{
    int out[2] = {-1, -1}, err[2] = {-1, -1}, status = 0, result = -1;
    struct gathered said_out = {0}, said_err = {0};
    pid_t parent = getppid();

    /* Commands have children of their own, which a kernel's signal to this process alone would leave behind. */
    signal(SIGTERM, end_group);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
        return -1;
    pid_t command = fork();
    if (command == 0)
        become_command(resolver, page_url, out, err);
    if (command < 0)
        return -1;
    close(out[1]);
    close(err[1]);
    bool is_endless = !listen_to(out[0], err[0], &said_out, &said_err);
    if (is_endless)
        kill(command, SIGKILL);
    while (waitpid(command, &status, 0) < 0 && errno == EINTR)
        ;
    result = report(job, is_endless, status, &said_out, &said_err);
    free(said_out.bytes);
    free(said_err.bytes);
    close(out[0]);
    close(err[0]);
    return result;
}

void resolver_read_report(const json_t *report, struct resolver_outcome *outcome, json_t **answer)
{
    const char *said = json_string_value(json_object_get(report, "said"));

    *outcome = (struct resolver_outcome){
        .exit_status = (int)json_integer_value(json_object_get(report, "exit")),
        .signal = (int)json_integer_value(json_object_get(report, "signal")),
        .endless = json_is_true(json_object_get(report, "endless")),
        .no_json = json_is_true(json_object_get(report, "no_json")),
    };
    snprintf(outcome->said, sizeof outcome->said, "%s", said ? said : "");
    *answer = json_object_get(report, "answer");
}
