/* Size and time of a file, to see without reading it whether it has changed. */
#ifndef COMMON_OUTPUT_FILE_STAMP_H
#define COMMON_OUTPUT_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

struct file_stamp {
    int64_t size;  /* bytes */
    int64_t mtime; /* nanoseconds since 1970 */
};

/* 0 and *stamp of the regular file at path, or -1 and errno. */
int file_stamp_read(struct file_stamp *stamp, const char *path);

/* True when size and time are the same. */
bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

#endif
