/* write(2) until all bytes are out. */
#ifndef COMMON_OUTPUT_WRITE_ALL_H
#define COMMON_OUTPUT_WRITE_ALL_H

#include <stddef.h>

/* Writes the size bytes at data to fd, a blocking descriptor; retries after signals. 0, or -1 and errno. */
int write_all(int fd, const void *data, size_t size);

#endif
