/* Reads the lines of manifests and writes records. */
#ifndef COMMON_STAGE_MANIFEST_H
#define COMMON_STAGE_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"

/* One line of input. Blank lines and comments are skipped. */
struct manifest_line {
    const char *file; /* "stdin" for `-` */
    long number;      /* from 1 */
    const char *text; /* without its newline (nor a carriage return before it); NULL when record is set */
    json_t *record;   /* of a line that begins with `{`, resolved (record_path.h); NULL for a plain line */
};

struct manifest_reader;

/* Reads files (an array of count names that must outlive the reader; "-" is stdin) one after the other; stdin when
 * count is 0. NULL when out of memory. */
struct manifest_reader *manifest_reader_alloc(char *const *files, int count);

/* Frees and leaves NULL; takes NULL. */
void manifest_reader_free(struct manifest_reader **reader);

enum manifest_result {
    MANIFEST_LINE, /* *line is set, valid until the next call */
    MANIFEST_BAD, /* also longer than LINE_BYTES_MAX; *line has file and number (0: the file itself); error says what is
                     wrong with it */
    MANIFEST_WAIT, /* nothing to read now: poll manifest_reader_fd for POLLIN */
    MANIFEST_END
};

/* The next line, without a UTF-8 byte order mark before the first one. Never blocks: reads only when the buffer holds
 * no whole line, and then once. A file that cannot be opened or read, or that begins with binary data, is a
 * MANIFEST_BAD (io), and the next file follows. */
enum manifest_result manifest_next(struct manifest_reader *reader, struct manifest_line *line, struct error *error);

/* The descriptor to poll after MANIFEST_WAIT; -1 when none is open. */
int manifest_reader_fd(const struct manifest_reader *reader);

/* True when manifest_next would give a line (or the end) without reading. */
bool manifest_reader_buffered(const struct manifest_reader *reader);

enum write_result { WRITE_DONE, WRITE_STOPPED, WRITE_FAILED };

/* Writes all of record as one line to descriptor fd. While fd is not writable it waits for fd or stop_fd (-1: none),
 * and returns WRITE_STOPPED when stop_fd becomes readable. SIGPIPE must be ignored. WRITE_FAILED sets error. */
enum write_result manifest_write(int fd, int stop_fd, const json_t *record, struct error *error);

#endif
