/* Writing that is not done by halves. */
#ifndef COMMON_OUTPUT_WRITE_ALL_H
#define COMMON_OUTPUT_WRITE_ALL_H

#include <stddef.h>

/* Writes the size bytes at data to the descriptor fd, which blocks, whatever signals come. 0, or -1 and errno. */
int write_all(int fd, const void *data, size_t size);

#endif
