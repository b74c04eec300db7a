/* measure COMMAND [ARGUMENT...]: runs it without input and output and prints "CPU WALL PEAK TOTAL". CPU and WALL are
 * seconds. PEAK is the memory of its largest process in MiB. TOTAL is that of all its processes at one time, in MiB:
 * the largest of samples, in which shared pages count once. The shell's `time` does not measure the last two. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PROCESSES_MAX = 4096,
    SAMPLE_NS = 200000000 /* between samples; a sample takes about 2 ms of another processor */
};

struct process {
    pid_t pid, parent;
    bool is_ours;
};

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run(char **command, const sigset_t *signals) __attribute__((noreturn));

static void run(char **command, const sigset_t *signals)
{
    int nothing = open("/dev/null", O_RDWR);

    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0)
        _exit(126);
    sigprocmask(SIG_SETMASK, signals, NULL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* The rest of the first line in a file of /proc/PID that begins with a prefix; NULL when there is none. */
static const char *read_line(pid_t pid, const char *name, const char *begin, char *line, size_t size)
{
    bool is_found = false;
    char path[64];
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    file = fopen(path, "re");
    while (file && !is_found && fgets(line, (int)size, file))
        is_found = !strncmp(line, begin, strlen(begin));
    if (file)
        fclose(file);
    return is_found ? line + strlen(begin) : NULL;
}

/* The parent of a process, 0 when the process has ended. */
static pid_t read_parent(pid_t pid)
{
    enum { STATE = 4 }; /* in "PID (NAME) STATE PARENT ...", from the closing bracket to the parent */
    char line[512];
    const char *facts = read_line(pid, "stat", "", line, sizeof line), *name_end = facts ? strrchr(facts, ')') : NULL;

    return name_end && strlen(name_end) > STATE ? (pid_t)strtol(name_end + STATE, NULL, 10) : 0;
}

/* The memory of a process in KiB; shared pages are divided among their users. */
static long read_share(pid_t pid)
{
    char line[256];
    const char *share = read_line(pid, "smaps_rollup", "Pss:", line, sizeof line);

    return share ? strtol(share, NULL, 10) : 0;
}

/* Marks root's children, their children and so on. */
static void mark_tree(struct process *all, size_t count, pid_t root)
{
    bool has_found = true;

    while (has_found) {
        has_found = false;
        for (size_t i = 0; i < count; i++) {
            bool is_ours = all[i].pid == root;

            for (size_t j = 0; j < count && !is_ours; j++)
                is_ours = all[j].is_ours && all[j].pid == all[i].parent;
            has_found |= is_ours && !all[i].is_ours;
            all[i].is_ours = is_ours;
        }
    }
}

/* The memory in KiB of the process and its descendants. */
static long sample(pid_t root)
{
    static struct process all[PROCESSES_MAX];
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    size_t count = 0;
    long sum = 0;

    while (processes && count < PROCESSES_MAX && (entry = readdir(processes)))
        if (isdigit((unsigned char)entry->d_name[0])) {
            pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

            if (pid >= root) /* pids rise, except when they wrap around */
                all[count++] = (struct process){pid, read_parent(pid), false};
        }
    if (processes)
        closedir(processes);
    mark_tree(all, count, root);
    for (size_t i = 0; i < count; i++)
        sum += all[i].is_ours ? read_share(all[i].pid) : 0;
    return sum;
}

int main(int argc, char **argv)
{
    static const struct timespec pause = {.tv_nsec = SAMPLE_NS};
    double start = now(), end;
    sigset_t signals, before;
    struct rusage usage;
    int status = 0;
    long most = 0;
    pid_t child, ended = 0;

    if (argc < 2) {
        fputs("usage: measure COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &before);
    child = fork();
    if (child == 0)
        run(argv + 1, &before);
    while (child > 0 && (ended = wait4(child, &status, WNOHANG, &usage)) == 0)
        if (sigtimedwait(&signals, NULL, &pause) < 0) {
            long kibibytes = sample(child);

            most = kibibytes > most ? kibibytes : most;
        }
    if (child < 0 || ended < 0) {
        perror("measure");
        return 1;
    }
    end = now();
    most = usage.ru_maxrss > most ? usage.ru_maxrss : most;
    printf("%.3f %.3f %.1f %.1f\n", seconds(&usage.ru_utime) + seconds(&usage.ru_stime), end - start,
           (double)usage.ru_maxrss / 1024, (double)most / 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
