#include "common/stage/processors.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* Reads the first line of the file DIR/NAME. */
static bool read_line(const char *dir, const char *name, char *line, size_t size)
{
    char path[PATH_SIZE];
    FILE *file;
    bool is_read;

    if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path)
        return false;
    file = fopen(path, "re");
    if (!file)
        return false;
    is_read = fgets(line, (int)size, file);
    fclose(file);
    return is_read;
}

/* The quota of one group in processors, 0 for none. Version 2: "QUOTA PERIOD" or "max PERIOD" in cpu.max; version 1:
 * two files, and a quota of -1 for none. Both in microseconds. */
static int group_quota(const char *dir)
{
    char line[128], period_line[64];
    long quota = 0, period = 0;
    char *rest;

    if (read_line(dir, "cpu.max", line, sizeof line)) {
        quota = strtol(line, &rest, 10);
        period = strtol(rest, NULL, 10);
    } else if (read_line(dir, "cpu.cfs_quota_us", line, sizeof line) &&
               read_line(dir, "cpu.cfs_period_us", period_line, sizeof period_line)) {
        quota = strtol(line, NULL, 10);
        period = strtol(period_line, NULL, 10);
    }
    return quota > 0 && period > 0 ? (int)((quota - 1) / period + 1) : 0;
}

static int smaller(int quota, int other)
{
    return !quota || (other && other < quota) ? other : quota;
}

/* The smallest quota of the group at path (/a/b) and of those above it. */
static int path_quota(const char *mount, const char *path)
{
    char dir[PATH_SIZE];
    int quota = 0;

    if ((size_t)snprintf(dir, sizeof dir, "%s%s", mount, path) >= sizeof dir)
        return 0;
    for (size_t length = strlen(dir); length >= strlen(mount); length--) {
        if (dir[length] && dir[length] != '/')
            continue;
        dir[length] = '\0';
        quota = smaller(quota, group_quota(dir));
    }
    return quota;
}

/* True when the comma-separated list holds the controller cpu. */
static bool has_cpu(const char *list, const char *end)
{
    for (const char *name = list; name < end; name += strcspn(name, ",:") + 1)
        if (strcspn(name, ",:") == 3 && !strncmp(name, "cpu", 3))
            return true;
    return false;
}

/* Each line of the text is ID:CONTROLLERS:PATH; version 2 has no controllers. */
int processors_quota(const char *cgroups, const char *root)
{
    int quota = 0;

    while (*cgroups) {
        size_t length = strcspn(cgroups, "\n");
        const char *list = memchr(cgroups, ':', length);
        const char *end = list ? memchr(list + 1, ':', length - (size_t)(list + 1 - cgroups)) : NULL;
        char path[PATH_SIZE], mount[PATH_SIZE];

        if (end) {
            snprintf(path, sizeof path, "%.*s", (int)(cgroups + length - end - 1), end + 1);
            if (end == list + 1) {
                quota = smaller(quota, path_quota(root, path));
            } else if (has_cpu(list + 1, end)) {
                snprintf(mount, sizeof mount, "%s/cpu", root);
                quota = smaller(quota, path_quota(mount, path));
            }
        }
        cgroups += length + (cgroups[length] == '\n');
    }
    return quota;
}

int processors_count(void)
{
    char cgroups[8192];
    FILE *file = fopen("/proc/self/cgroup", "re");
    size_t length = file ? fread(cgroups, 1, sizeof cgroups - 1, file) : 0;
    cpu_set_t processors;
    int count = sched_getaffinity(0, sizeof processors, &processors) ? 1 : CPU_COUNT(&processors);

    if (file)
        fclose(file);
    cgroups[length] = '\0';
    count = smaller(count, processors_quota(cgroups, "/sys/fs/cgroup"));
    return count;
}
