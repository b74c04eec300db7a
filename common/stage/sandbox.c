#include "common/stage/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights of Landlock that the headers of older systems lack. */
enum { RIGHT_REFER = 1 << 13, RIGHT_TRUNCATE = 1 << 14, RIGHT_IOCTL_DEV = 1 << 15 };

enum {
    READ_RIGHTS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    WRITE_RIGHTS = READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                   LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                   RIGHT_TRUNCATE,
    FILE_RIGHTS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE
};

/* Harmless files of the system: libraries look there for the number of processors. */
static const char *const system_files[] = {"/dev/null", "/dev/urandom", "/sys/devices/system/cpu", "/proc/cpuinfo",
                                           NULL};

/* System calls that reach nothing but this process, and the files that Landlock and open descriptors leave it. */
static const char *const allowed_calls[] = {
    /* files */
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "close", "close_range",
    "lseek", "fstat", "fstat64", "stat", "lstat", "newfstatat", "fstatat64", "statx", "open", "openat", "readlink",
    "readlinkat", "access", "faccessat", "faccessat2", "getcwd", "dup", "dup3", "poll", "ppoll", "fsync", "fdatasync",
    "ftruncate", "ftruncate64", "fallocate", "copy_file_range", "flock", "fadvise64", "getdents64", "mkdir", "mkdirat",
    "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2",
    /* memory */
    "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "brk", "memfd_create", "membarrier",
    /* threads */
    "futex", "futex_time64", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "sched_getparam",
    "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "gettid", "getcpu", "exit", "exit_group",
    /* time */
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep",
    "gettimeofday", "time", "times", "restart_syscall",
    /* the process itself */
    "getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "getrlimit", "uname", "sysinfo",
    "getrandom", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", NULL};

/* Calls that libraries make and can do without, and the error that tells them so. glibc makes threads with clone when
 * there is no clone3, whose flags a filter cannot see. */
static const struct {
    const char *name;
    int number;
} refused_calls[] = {{"clone3", ENOSYS},           {"get_mempolicy", ENOSYS},     {"set_mempolicy", ENOSYS},
                     {"sched_setaffinity", EPERM}, {"sched_setscheduler", EPERM}, {"setpriority", EPERM}};

static const int allowed_fcntls[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC};

static bool is_off(void)
{
    const char *value = getenv("TH_SANDBOX");

    return value && !strcmp(value, "off");
}

/* The version of Landlock in this kernel, at most 0 when there is none. */
static long landlock_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

const char *sandbox_lack(void)
{
    if (is_off())
        return "TH_SANDBOX=off: processes that open videos have all rights of the user";
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        return "this kernel has no seccomp: processes that open videos may make all system calls";
    if (landlock_version() <= 0)
        return "this kernel has no Landlock: processes that open videos may open all files of the user";
    return NULL;
}

void sandbox_open(struct sandbox *sandbox)
{
    struct landlock_ruleset_attr handled = {.handled_access_fs = RIGHT_REFER - 1};
    long version = is_off() ? 0 : landlock_version();

    *sandbox = (struct sandbox){.ruleset = -1, .kept_fd = -1};
    if (version <= 0)
        return;
    handled.handled_access_fs |=
        (version >= 2 ? RIGHT_REFER : 0) | (version >= 3 ? RIGHT_TRUNCATE : 0) | (version >= 5 ? RIGHT_IOCTL_DEV : 0);
    sandbox->ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0);
    for (const char *const *path = system_files; *path; path++)
        sandbox_read(sandbox, *path);
}

static void allow(struct sandbox *sandbox, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = -1};
    struct stat facts;

    if (sandbox->ruleset < 0 || !path)
        return;
    if (landlock_version() < 3)
        rule.allowed_access &= ~(uint64_t)RIGHT_TRUNCATE;
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return;
    if (!fstat(rule.parent_fd, &facts) && !S_ISDIR(facts.st_mode))
        rule.allowed_access &= FILE_RIGHTS;
    /* When it fails, the work will fail with a message that names the file. */
    (void)syscall(SYS_landlock_add_rule, sandbox->ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

void sandbox_read(struct sandbox *sandbox, const char *path)
{
    allow(sandbox, path, READ_RIGHTS);
}

void sandbox_write(struct sandbox *sandbox, const char *path)
{
    allow(sandbox, path, WRITE_RIGHTS);
}

static int limit_files(struct sandbox *sandbox)
{
    long status = 0;

    if (sandbox->ruleset < 0)
        return 0;
    status = syscall(SYS_landlock_restrict_self, sandbox->ruleset, 0);
    close(sandbox->ruleset);
    sandbox->ruleset = -1;
    return (int)status;
}

/* Where end_process writes; a signal handler has no argument of its own. */
static int report_fd;

/* Handles SIGSYS: a system call that is not allowed. */
static void end_process(int signal, siginfo_t *info, void *context)
{
    char line[] = "!0000\n";
    int number = info->si_syscall;

    (void)signal;
    (void)context;
    for (int i = 4; i > 0; i--, number /= 10)
        line[i] = (char)('0' + number % 10);
    if (write(report_fd, line, sizeof line - 1) < 0)
        _exit(EXIT_FAILURE);
    _exit(EXIT_FAILURE);
}

/* Adds the call, which may not exist on this machine, with one condition on an argument (NULL: none). */
static int add_rule(scmp_filter_ctx filter, uint32_t action, const char *name, const struct scmp_arg_cmp *condition)
{
    int call = seccomp_syscall_resolve_name(name);

    return call < 0 ? 0 : seccomp_rule_add_array(filter, action, call, condition ? 1 : 0, condition);
}

static int add_rules(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp is_thread = {
        .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = CLONE_THREAD};
    const struct scmp_arg_cmp is_self = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()};
    const struct scmp_arg_cmp is_own_limit = {.arg = 2, .op = SCMP_CMP_EQ, .datum_a = 0};
    const struct scmp_arg_cmp asks_terminal = {.arg = 1, .op = SCMP_CMP_EQ, .datum_a = TCGETS}; /* isatty() */
    const struct scmp_arg_cmp names_thread = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_NAME};
    const struct scmp_arg_cmp names_nothing = {.arg = 0, .op = SCMP_CMP_NE, .datum_a = PR_SET_NAME};
    int status = add_rule(filter, SCMP_ACT_ALLOW, "clone", &is_thread);

    for (const char *const *name = allowed_calls; !status && *name; name++)
        status = add_rule(filter, SCMP_ACT_ALLOW, *name, NULL);
    for (size_t i = 0; !status && i < sizeof refused_calls / sizeof *refused_calls; i++)
        status = add_rule(filter, SCMP_ACT_ERRNO((uint32_t)refused_calls[i].number), refused_calls[i].name, NULL);
    for (size_t i = 0; !status && i < sizeof allowed_fcntls / sizeof *allowed_fcntls; i++)
        status = add_rule(filter, SCMP_ACT_ALLOW, "fcntl",
                          &(struct scmp_arg_cmp){1, SCMP_CMP_EQ, (scmp_datum_t)allowed_fcntls[i], 0});
    if (!status && !(status = add_rule(filter, SCMP_ACT_ALLOW, "prctl", &names_thread)))
        status = add_rule(filter, SCMP_ACT_ERRNO(EINVAL), "prctl", &names_nothing);
    if (!status && !(status = add_rule(filter, SCMP_ACT_ALLOW, "tgkill", &is_self))) /* abort() */
        status = add_rule(filter, SCMP_ACT_ALLOW, "prlimit64", &is_own_limit);
    return status ? status : add_rule(filter, SCMP_ACT_ALLOW, "ioctl", &asks_terminal);
}

static int limit_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    const struct sigaction action = {.sa_sigaction = end_process, .sa_flags = SA_SIGINFO};
    int status = filter ? sigaction(SIGSYS, &action, NULL) : -1;

    if (!status)
        status = add_rules(filter);
    if (!status)
        status = seccomp_load(filter);
    seccomp_release(filter);
    return status;
}

int sandbox_enter(struct sandbox *sandbox, int reports)
{
    if (is_off())
        return 0;
    report_fd = reports;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || limit_files(sandbox))
        return -1;
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0 ? 0 : limit_calls();
}

char *sandbox_call_name(int number)
{
    return seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
}
