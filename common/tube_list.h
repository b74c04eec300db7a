/* Tube lists, row by row or in memory: 500,000 rows in under a second and 100 MB. Rows are grouped by chunk, in the
 * file's order; chunks are sorted by video id and number. */
#ifndef COMMON_TUBE_LIST_H
#define COMMON_TUBE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/error.h"
#include "common/tube.h"

/* Called for each row. line is its number in the file, from 1. */
struct tube_list_rows {
    void *self;
    /* A row of that chunk. 0, or -1 when out of memory. */
    int (*take)(void *self, const char *chunk, const struct tube *tube, long line);
    /* A row that cannot be read (bad_tube, bad_id; io: it is longer than LINE_BYTES_MAX). The following ones are still
     * read. */
    void (*bad)(void *self, const char *file, long line, const struct error *error);
};

/* Reads the list from stream to its end; file is its name for messages. Skips blank lines, lines that begin with `#`
 * and a UTF-8 byte order mark. The last line may lack its newline; lines may end with CR LF. 0, or -1 and error (io)
 * when the file cannot be read or is a web page, or memory runs out. */
int tube_list_read_rows(FILE *stream, const char *file, const struct tube_list_rows *rows, struct error *error);

struct tube_row {
    struct tube tube;
    int32_t line;   /* in the file of the list, from 1 */
    uint32_t chunk; /* index in list->chunks */
};

struct tube_chunk {
    const char *name; /* ID_NNNN; lives as long as the list */
    size_t first;     /* its rows: list->rows[first .. first + count - 1] */
    size_t count;
};

struct tube_list {
    struct tube_row *rows;
    size_t row_count;
    struct tube_chunk *chunks;
    size_t chunk_count;
    size_t bad_rows; /* rows that could not be read; on_bad_row was called for each */
    char *names;     /* the chunk names' memory */
};

/* Called for each row that cannot be read. The other rows are loaded. */
typedef void tube_list_bad_row(void *context, const char *file, long line, const struct error *error);

/* Loads the list from file ("-" is stdin), as tube_list_read_rows reads it. 0 and *list (tube_list_free), or
 * -1 and error (io) when the file cannot be read or memory runs out. */
int tube_list_load(struct tube_list **list, const char *file, tube_list_bad_row *on_bad_row, void *context,
                   struct error *error);

/* Frees *list and leaves NULL; takes NULL. */
void tube_list_free(struct tube_list **list);

/* The chunk of that name, or NULL. */
const struct tube_chunk *tube_list_chunk(const struct tube_list *list, const char *name);

/* The number of chunks of a video; *first is the index of the first one in list->chunks. */
size_t tube_list_video(const struct tube_list *list, const char *id, size_t *first);

#endif
