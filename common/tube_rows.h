/* Reads the rows of a tube list one by one. */
#ifndef COMMON_TUBE_ROWS_H
#define COMMON_TUBE_ROWS_H

#include <stdio.h>

#include "common/error.h"
#include "common/tube.h"

/* Called for each row. line is its number in the file, from 1. */
struct tube_rows {
    void *self;
    /* A row of that chunk. 0, or -1 when out of memory. */
    int (*take)(void *self, const char *chunk, const struct tube *tube, long line);
    /* A row that cannot be read (bad_tube, bad_id). The following ones are still read. */
    void (*bad)(void *self, const char *file, long line, const struct error *error);
};

/* Reads the list from stream to its end; file is its name for messages. Skips blank lines, lines that begin with `#`
 * and a UTF-8 byte order mark. The last line may lack its newline; lines may end with CR LF. 0, or -1 and error (io)
 * when the file cannot be read or is a web page, or memory runs out. */
int tube_rows_read(FILE *stream, const char *file, const struct tube_rows *rows, struct error *error);

#endif
