/* Size and time of a file, to see without reading it whether it has changed. A copy may have lost the time; then the
 * bytes at both ends tell. */
#ifndef COMMON_OUTPUT_FILE_STAMP_H
#define COMMON_OUTPUT_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

struct file_stamp {
    int64_t size;  /* bytes */
    int64_t mtime; /* nanoseconds since 1970 */
    int64_t ends;  /* hash of the first and the last 16 KiB; 0: not known */
};

/* 0 and *stamp, without ends, of the regular file at path, or -1 and errno. */
int file_stamp_read(struct file_stamp *stamp, const char *path);

/* As file_stamp_read, with ends. Of an mp4 file they hold its index, or most of a short one: no other video has the
 * same. */
int file_stamp_read_ends(struct file_stamp *stamp, const char *path);

/* True when size and time are the same. */
bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

/* Whether the file at path is the one of *known: it has the same size, and the same time or known ends. 1, and
 * known->mtime is its time; 0 when it is another; or -1 and errno. */
int file_stamp_renew(struct file_stamp *known, const char *path);

#endif
