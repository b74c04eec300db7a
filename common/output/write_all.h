/* write(2) and pwrite(2) until all bytes are out. */
#ifndef COMMON_OUTPUT_WRITE_ALL_H
#define COMMON_OUTPUT_WRITE_ALL_H

#include <stddef.h>
#include <stdint.h>

/* Writes the size bytes at data to fd, a blocking descriptor; retries after signals. 0, or -1 and errno. */
int write_all(int fd, const void *data, size_t size);

/* The same at that offset of the file; the descriptor's own offset is neither used nor changed. */
int write_all_at(int fd, const void *data, size_t size, int64_t offset);

#endif
