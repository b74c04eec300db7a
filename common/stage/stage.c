#include "common/stage/stage.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/output/output_file.h"
#include "common/output/output_place.h"
#include "common/stage/record_path.h"

enum {
    LINES_AT_ONCE = 256, /* lines handled before signals and children are polled again */
    EQUAL_FAILURES_SHOWN = 10,
    REFRESH_MS = 1000, /* the longest wait between two updates of the progress */
    OWN_FDS = 3        /* signals, stdout, input; the children's follow */
};

static const char *const units[] = {[KIND_VIDEO] = "videos", [KIND_CHUNK] = "chunks", [KIND_CLIP] = "clips"};

struct stage {
    const struct stage_program *program;
    void *self;
    const struct common_settings *settings;
    struct console *console;
    struct manifest_reader *reader;
    struct jobs *jobs;
    struct pollfd *fds; /* room for OWN_FDS + settings->jobs */
    int signal_fd;
    bool input_open, is_stopped;
    int status;                     /* exit status when stopped */
    bool has_failures, has_retries; /* among the records written, of any kind */
    struct tally tally;
    struct error failure;   /* of the newest failed record */
    int64_t equal_failures; /* in a row, with that message */
    const char *second_dir; /* from stage_also_writes; NULL: none */
};

/* Blocks the signals that stop a run and returns a signalfd for them, or -1 and errno. Before this call the default
 * action is safe: nothing is half-made. A signal that was ignored at the start stays ignored, as nohup wants it.
 * SIGUSR1 is what batch systems send as a warning before the time limit. */
static int open_signals(void)
{
    static const int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    struct sigaction action;
    sigset_t signals;

    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof stopping / sizeof *stopping; i++)
        if (!sigaction(stopping[i], NULL, &action) && action.sa_handler != SIG_IGN)
            sigaddset(&signals, stopping[i]);
    if (sigprocmask(SIG_BLOCK, &signals, NULL))
        return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

struct stage *stage_alloc(const struct stage_program *program, void *self, const struct common_settings *settings,
                          struct console *console, char *const *files, int count)
{
    struct jobs_options jobs = {
        .limit = (int)settings->jobs, .stall_timeout = settings->stall_timeout, .max_memory = settings->max_memory};
    struct stage *stage = calloc(1, sizeof *stage);

    if (!stage)
        goto fail;
    stage->program = program;
    stage->self = self;
    stage->settings = settings;
    stage->console = console;
    stage->tally.total = settings->total;
    stage->input_open = true;
    stage->signal_fd = -1;
    stage->reader = manifest_reader_alloc(files, count);
    stage->jobs = jobs_alloc(&jobs, self);
    stage->fds = calloc((size_t)settings->jobs + OWN_FDS, sizeof *stage->fds);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit (ulimit -f) is then an error of write() */
    if (stage->reader && stage->jobs && stage->fds)
        return stage;
fail:
    console_say(console, CONSOLE_ERROR, "cannot start: %s", strerror(errno));
    stage_free(&stage);
    return NULL;
}

void stage_free(struct stage **stage)
{
    struct stage *s = *stage;

    if (!s)
        return;
    jobs_free(&s->jobs);
    manifest_reader_free(&s->reader);
    if (s->signal_fd >= 0)
        close(s->signal_fd);
    free(s->fds);
    free(s);
    *stage = NULL;
}

struct jobs *stage_jobs(struct stage *stage)
{
    return stage->jobs;
}

struct console *stage_console(struct stage *stage)
{
    return stage->console;
}

void stage_expect(struct stage *stage, int64_t items)
{
    if (items > stage->settings->total)
        stage->tally.total = items;
}

void stage_stop(struct stage *stage, int status)
{
    if (stage->is_stopped)
        return;
    stage->is_stopped = true;
    stage->status = status;
}

static void stop_by_signal(struct stage *stage)
{
    struct signalfd_siginfo signal;

    if (read(stage->signal_fd, &signal, sizeof signal) != sizeof signal)
        return;
    console_say(stage->console, CONSOLE_INFO, "stopped by signal SIG%s", sigabbrev_np((int)signal.ssi_signo));
    stage_stop(stage, 128 + (int)signal.ssi_signo);
}

/* Says how many failures were counted instead of shown. */
static void end_equal_failures(struct stage *stage)
{
    if (stage->equal_failures > EQUAL_FAILURES_SHOWN && !console_shows(stage->console, CONSOLE_INFO))
        console_say(stage->console, CONSOLE_WARNING, "the same for %lld more; the records name them",
                    (long long)(stage->equal_failures - EQUAL_FAILURES_SHOWN));
    stage->equal_failures = 0;
}

/* When all that is left of a long list fails in the same way, the first lines are enough. -v shows all. */
static void say_failure(struct stage *stage, const struct record_head *head, const char *message)
{
    struct error failure;

    error_set(&failure, head->error, "%s", message ? message : "failed");
    if (failure.word != stage->failure.word || strcmp(failure.message, stage->failure.message) != 0)
        end_equal_failures(stage);
    stage->failure = failure;
    stage->equal_failures++;
    console_say(stage->console, stage->equal_failures > EQUAL_FAILURES_SHOWN ? CONSOLE_INFO : CONSOLE_WARNING,
                "%s: %s (%s)", head->key, failure.message, error_word_name(failure.word));
}

static void count_record(struct stage *stage, const json_t *record, const struct record_head *head)
{
    struct tally *tally = &stage->tally;
    bool is_counted = head->kind == stage->program->counts;
    bool is_meant = head->error == ERROR_DRY_RUN || head->error == ERROR_NOT_SELECTED;
    bool is_fault = head->status != STATUS_OK && !is_meant;

    stage->has_failures |= is_fault;
    stage->has_retries |= is_fault && head->retry;
    if (is_counted) {
        tally->ok += head->status == STATUS_OK;
        tally->cached += head->status == STATUS_OK && json_is_true(json_object_get(record, "cached"));
        tally->failed += head->status == STATUS_FAILED;
        tally->skipped += head->status == STATUS_SKIPPED;
        tally->may_be_mended += is_fault && head->retry;
    }
    if (head->status == STATUS_FAILED)
        say_failure(stage, head, record_text(record, "message"));
}

/* Writes a copy, since callers may go on with the record and its paths. */
static enum write_result write_record(const struct stage *stage, json_t *record, struct error *error)
{
    const char *base = stage->settings->base;
    json_t *written = base ? json_copy(record) : json_incref(record);
    enum write_result result = WRITE_FAILED;

    if (!written || (base && record_path_relate(written, base)))
        error_set(error, ERROR_IO, "out of memory");
    else
        result = manifest_write(STDOUT_FILENO, stage->signal_fd, written, error);
    json_decref(written);
    return result;
}

void stage_emit(struct stage *stage, json_t *record)
{
    struct record_head head;
    struct error error = {0};

    if (stage->is_stopped) {
        json_decref(record);
        return;
    }
    if (!record || record_read_head(record, &head, &error)) {
        console_say(stage->console, CONSOLE_ERROR, "cannot make a record: %s",
                    record ? error.message : "out of memory, or a path is not UTF-8");
        json_decref(record);
        stage_stop(stage, EXIT_CANNOT);
        return;
    }
    count_record(stage, record, &head);
    switch (write_record(stage, record, &error)) {
    case WRITE_DONE:
        break;
    case WRITE_STOPPED:
        stop_by_signal(stage);
        break;
    case WRITE_FAILED:
        console_say(stage->console, CONSOLE_ERROR, "%s", error.message);
        stage_stop(stage, EXIT_CANNOT);
        break;
    }
    json_decref(record);
}

void stage_bad_line(void *self, const char *file, long number, const struct error *error)
{
    struct stage *stage = self;

    stage->tally.bad_lines++;
    if (number > 0)
        console_say(stage->console, CONSOLE_ERROR, "%s:%ld: %s", file, number, error->message);
    else
        console_say(stage->console, CONSOLE_ERROR, "%s", error->message);
}

static bool is_ready(struct stage *stage)
{
    if (!stage->input_open || stage->is_stopped)
        return false;
    return stage->program->ready ? stage->program->ready(stage->self) : !jobs_full(stage->jobs);
}

static void advance(struct stage *stage)
{
    if (stage->program->advance && !stage->is_stopped)
        stage->program->advance(stage->self);
}

static void take_input(struct stage *stage)
{
    struct manifest_line line;
    struct error error;

    for (int count = 0; count < LINES_AT_ONCE && is_ready(stage); count++) {
        switch (manifest_next(stage->reader, &line, &error)) {
        case MANIFEST_LINE:
            stage->program->take(stage->self, &line);
            break;
        case MANIFEST_BAD:
            stage_bad_line(stage, line.file, line.number, &error);
            break;
        case MANIFEST_WAIT:
            return;
        case MANIFEST_END:
            stage->input_open = false;
            if (stage->program->input_ended)
                stage->program->input_ended(stage->self);
            break;
        }
        advance(stage);
    }
}

/* Waits for signals, a closed stdout, input (if the program is ready for it) and children, and handles them. */
static void wait_and_serve(struct stage *stage)
{
    struct pollfd *fds = stage->fds;
    bool wants_input = is_ready(stage);
    int timeout = wants_input && manifest_reader_buffered(stage->reader) ? 0 : REFRESH_MS;
    size_t count;

    fds[0] = (struct pollfd){.fd = stage->signal_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = STDOUT_FILENO};
    fds[2] = (struct pollfd){.fd = wants_input ? manifest_reader_fd(stage->reader) : -1, .events = POLLIN};
    count = OWN_FDS + jobs_prepare(stage->jobs, fds + OWN_FDS, (size_t)stage->settings->jobs, &timeout);
    if ((stage->program->wait ? stage->program->wait(stage->self, fds, count, timeout) : poll(fds, count, timeout)) <
        0) {
        if (errno == EINTR)
            return;
        console_say(stage->console, CONSOLE_ERROR, "cannot wait for input: %s", strerror(errno));
        stage_stop(stage, EXIT_CANNOT);
        return;
    }
    if (fds[0].revents)
        stop_by_signal(stage);
    if ((fds[1].revents & (POLLERR | POLLNVAL)) && !stage->is_stopped) {
        console_say(stage->console, CONSOLE_ERROR, "stdout was closed by its reader");
        stage_stop(stage, EXIT_CANNOT);
    }
    if (!stage->is_stopped)
        jobs_handle(stage->jobs, fds + OWN_FDS, count - OWN_FDS);
}

static bool has_work(struct stage *stage)
{
    return stage->input_open || jobs_running(stage->jobs) ||
           (stage->program->busy && stage->program->busy(stage->self));
}

void stage_also_writes(struct stage *stage, const char *dir)
{
    stage->second_dir = dir;
}

/* Removes temporary files of killed children. */
static void clean_up(struct stage *stage)
{
    bool lost_children = stage->is_stopped || jobs_faults(stage->jobs);
    const char *const dirs[] = {stage->settings->output, stage->second_dir};
    struct error error;

    jobs_free(&stage->jobs);
    if (!lost_children || stage->settings->dry_run)
        return;
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        if (dirs[i] && output_file_sweep(dirs[i], &error))
            console_say(stage->console, CONSOLE_WARNING, "%s", error.message);
}

/* Without locks two runs in one folder are not told apart. */
static void warn_without_locks(const struct stage *stage)
{
    const char *dir = stage->settings->output;
    int fault = dir && !stage->settings->dry_run ? output_place_lock_fault(dir) : 0;

    if (fault)
        console_say(stage->console, CONSOLE_WARNING, "%s: the file system gives no locks (%s); run one at a time there",
                    dir, strerror(fault));
}

int stage_run(struct stage *stage)
{
    const char *unit = units[stage->program->counts];

    stage->signal_fd = open_signals();
    if (stage->signal_fd < 0) {
        console_say(stage->console, CONSOLE_ERROR, "cannot take signals: %s", strerror(errno));
        return EXIT_CANNOT;
    }
    warn_without_locks(stage);
    if (sandbox_lack())
        console_say(stage->console, CONSOLE_INFO, "%s", sandbox_lack());
    while (!stage->is_stopped) {
        advance(stage);
        take_input(stage);
        if (!has_work(stage))
            break;
        if (!stage->is_stopped)
            wait_and_serve(stage);
        console_progress(stage->console, &stage->tally, unit, false);
    }
    clean_up(stage);
    end_equal_failures(stage);
    console_progress(stage->console, &stage->tally, unit, true);
    if (stage->is_stopped)
        return stage->status;
    if (stage->has_retries)
        return EXIT_TRY_AGAIN;
    return stage->has_failures || stage->tally.bad_lines ? EXIT_SOME_FAILED : EXIT_DONE;
}
