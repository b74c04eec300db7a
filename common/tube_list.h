/* A tube list in memory: 500,000 rows in under a second and 100 MB. Rows are grouped by chunk, in the file's order;
 * chunks are sorted by video id and number. */
#ifndef COMMON_TUBE_LIST_H
#define COMMON_TUBE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "common/tube.h"

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

/* Loads the list from file ("-" is stdin), as tube_rows_read (tube_rows.h) reads it. 0 and *list (tube_list_free), or
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
