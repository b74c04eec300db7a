/* The rows of a tube list, read one by one. */
#ifndef COMMON_TUBE_ROWS_H
#define COMMON_TUBE_ROWS_H

#include <stdio.h>

#include "common/error.h"
#include "common/tube.h"

/* What becomes of the rows. line is a row's number in the file, from 1. */
struct tube_rows {
    void *self;
    /* Takes a row of that chunk. 0, or -1 when out of memory. */
    int (*take)(void *self, const char *chunk, const struct tube *tube, long line);
    /* Told of each row that cannot be read (bad_tube, bad_id). The others are read all the same. */
    void (*bad)(void *self, const char *file, long line, const struct error *error);
};

/* Reads the list from stream to its end; file is its name for messages. Blank lines, lines that begin with `#` and a
 * UTF-8 byte order mark are passed over; the last line needs no newline; a carriage return before the newline is fine.
 * 0, or -1 and error (io) when the file cannot be read or memory runs out. */
int tube_rows_read(FILE *stream, const char *file, const struct tube_rows *rows, struct error *error);

#endif
