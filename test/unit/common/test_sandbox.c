#include "common/stage/sandbox.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/stage/jobs.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

/* What a child tries. act returns 0 when it could, otherwise errno. */
struct attempt {
    const char *name;
    int (*act)(void);
};

struct outcome {
    int (*act)(void);
    int got; /* what act returned, -1: the child was ended */
    struct error fault;
};

static char input[600], output[600], clip[600], other_clip[600];

static int try_open(const char *path, int flags)
{
    int fd = open(path, flags, 0666);

    return fd < 0 ? errno : close(fd);
}

static int read_input(void)
{
    return try_open(input, O_RDONLY);
}

static int write_input(void)
{
    return try_open(input, O_WRONLY);
}

static int empty_input(void)
{
    return try_open(input, O_RDONLY | O_TRUNC);
}

static int read_passwords(void)
{
    return try_open("/etc/passwd", O_RDONLY);
}

static int write_other_clip(void)
{
    return try_open(other_clip, O_WRONLY);
}

static int list_home(void)
{
    DIR *home = opendir(getenv("HOME") ? getenv("HOME") : "/root");

    return home ? closedir(home) : errno;
}

static int list_root(void)
{
    DIR *root = opendir("/");

    return root ? closedir(root) : errno;
}

static int make_clip(void)
{
    char temporary[700];

    snprintf(temporary, sizeof temporary, "%s.part", clip);
    if (try_open(temporary, O_RDWR | O_CREAT) || rename(temporary, clip))
        return errno;
    return try_open(clip, O_RDONLY);
}

static int read_memory_of_parent(void)
{
    char path[40];

    snprintf(path, sizeof path, "/proc/%d/mem", (int)getppid());
    return try_open(path, O_RDONLY);
}

static int connect_to_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (struct sockaddr *)&address, sizeof address) ? errno : 0;
}

static int run_program(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return errno;
}

static int fork_process(void)
{
    return fork() < 0 ? errno : 0;
}

static int trace_parent(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? errno : 0;
}

static int kill_parent(void)
{
    return kill(getppid(), 0) ? errno : 0;
}

static int type_into_terminal(void)
{
    return ioctl(STDERR_FILENO, TIOCSTI, "x") ? errno : 0;
}

static void *do_nothing(void *self)
{
    return self;
}

static int start_thread(void)
{
    pthread_t thread;
    int number = pthread_create(&thread, NULL, do_nothing, NULL);

    return number ? number : pthread_join(thread, NULL);
}

static int do_all_else(void)
{
    char *memory = malloc(64 << 20);
    FILE *processors = fopen("/proc/cpuinfo", "re");

    usleep(1000);
    free(memory);
    return processors && memory ? fclose(processors) : errno;
}

static int end_by_abort(void)
{
    signal(SIGABRT, SIG_DFL);
    abort();
}

static int work(struct job *job, void *item)
{
    const struct outcome *outcome = item;

    return job_report(job, json_pack("{s:i}", "got", outcome->act()));
}

static int report(void *owner, void *item, json_t *record)
{
    (void)owner;
    ((struct outcome *)item)->got = (int)json_integer_value(json_object_get(record, "got"));
    return 0;
}

static void ended(void *owner, void *item, const struct error *fault)
{
    (void)owner;
    if (fault)
        ((struct outcome *)item)->fault = *fault;
}

static bool access_files(const void *item, struct sandbox *sandbox)
{
    (void)item;
    sandbox_read(sandbox, input);
    sandbox_write(sandbox, output);
    return true;
}

static struct outcome run(int (*act)(void), bool is_closed)
{
    const struct job_task task = {
        .work = work, .report = report, .ended = ended, .access = is_closed ? access_files : NULL};
    const struct jobs_options options = {.limit = 1, .stall_timeout = 30};
    struct outcome outcome = {.act = act, .got = -1};
    struct jobs *jobs = jobs_alloc(&options, NULL);
    struct error error;

    assert_int_equal(jobs_start(jobs, &task, &outcome, &error), 0);
    while (jobs_running(jobs)) {
        struct pollfd fd;
        int timeout = -1;
        size_t count = jobs_prepare(jobs, &fd, 1, &timeout);

        assert_true(poll(&fd, count, timeout) >= 0);
        jobs_handle(jobs, &fd, count);
    }
    jobs_free(&jobs);
    return outcome;
}

static void skip_without_sandbox(void)
{
    if (sandbox_lack())
        skip();
}

static void what_work_needs_is_allowed(void **state)
{
    static const struct attempt attempts[] = {{"read the input", read_input},
                                              {"make a clip", make_clip},
                                              {"start a thread", start_thread},
                                              {"all else", do_all_else}};

    (void)state;
    skip_without_sandbox();
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        struct outcome outcome = run(attempts[i].act, true);

        if (outcome.got)
            fail_msg("%s: %d, %s", attempts[i].name, outcome.got, outcome.fault.message);
    }
}

static void other_files_are_refused(void **state)
{
    static const struct attempt attempts[] = {{"write the input", write_input},
                                              {"empty the input", empty_input},
                                              {"read /etc/passwd", read_passwords},
                                              {"write a clip elsewhere", write_other_clip},
                                              {"list the home folder", list_home},
                                              {"list the root folder", list_root},
                                              {"read the parent's memory", read_memory_of_parent}};

    (void)state;
    skip_without_sandbox();
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        int open = run(attempts[i].act, false).got, closed = run(attempts[i].act, true).got;

        if (open != 0 || closed != EACCES)
            fail_msg("%s: %d without the sandbox, %d in it", attempts[i].name, open, closed);
    }
}

static void other_system_calls_end_the_child_and_are_named(void **state)
{
    static const struct attempt attempts[] = {
        {"socket", connect_to_loopback}, {"execve", run_program}, {"clone", fork_process},
        {"ptrace", trace_parent},        {"kill", kill_parent},   {"ioctl", type_into_terminal},
    };

    (void)state;
    skip_without_sandbox();
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        struct outcome outcome = run(attempts[i].act, true);
        char words[64];

        /* glibc 2.43 blocks signals around clone: the call is refused, and the kernel cannot have it named. */
        bool is_unnamed = !strcmp(attempts[i].name, "clone") && strstr(outcome.fault.message, "SIGSYS");

        snprintf(words, sizeof words, "the system call %s,", attempts[i].name);
        if (outcome.fault.word != ERROR_CRASHED || (!is_unnamed && !strstr(outcome.fault.message, words)))
            fail_msg("%s: %d, %s", attempts[i].name, outcome.got, outcome.fault.message);
    }
}

static void a_crash_is_still_a_crash(void **state)
{
    (void)state;
    skip_without_sandbox();
    assert_non_null(strstr(run(end_by_abort, true).fault.message, "SIGABRT"));
}

static void nothing_is_refused_when_it_is_off(void **state)
{
    (void)state;
    assert_int_equal(setenv("TH_SANDBOX", "off", 1), 0);
    assert_int_equal(run(read_passwords, true).got, 0);
    assert_non_null(strstr(sandbox_lack(), "TH_SANDBOX=off"));
    assert_int_equal(unsetenv("TH_SANDBOX"), 0);
}

static int set_up(void **state)
{
    if (scratch_set_up(state))
        return -1;
    snprintf(input, sizeof input, "%s", scratch_file("input", "media", 0));
    snprintf(other_clip, sizeof other_clip, "%s", scratch_file("clip", "media", 0));
    snprintf(output, sizeof output, "%s", scratch_path("output"));
    snprintf(clip, sizeof clip, "%s", scratch_path("output/clip"));
    return mkdir(output, 0777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_work_needs_is_allowed), cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(other_system_calls_end_the_child_and_are_named), cmocka_unit_test(a_crash_is_still_a_crash),
        cmocka_unit_test(nothing_is_refused_when_it_is_off)};

    signal(SIGPIPE, SIG_IGN); /* required by jobs.h */
    return cmocka_run_group_tests(tests, set_up, scratch_tear_down);
}
