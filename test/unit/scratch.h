/* A folder for one test program, removed when it ends. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char scratch_dir[] = "/tmp/th-unit-XXXXXX";

static inline int scratch_set_up(void **state)
{
    (void)state;
    return mkdtemp(scratch_dir) ? 0 : -1;
}

static inline int scratch_tear_down(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", scratch_dir);
    return system(command);
}

/* "DIR/name" in a buffer that the next call overwrites. */
static inline const char *scratch_path(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", scratch_dir, name);
    return path;
}

/* Writes size bytes (the length of the text when 0) to DIR/name and returns its path. */
static inline const char *scratch_file(const char *name, const char *bytes, size_t size)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "w");

    if (!size)
        size = strlen(bytes);
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
        abort();
    return path;
}

#endif
