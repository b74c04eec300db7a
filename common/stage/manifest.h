/* The manifest as bytes: lines in, records out. */
#ifndef COMMON_STAGE_MANIFEST_H
#define COMMON_STAGE_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"

/* Bytes of the longest line; a longer one cannot be understood. */
enum { MANIFEST_LINE_MAX = 1 << 20 };

/* One line of input, blank lines and comments left out. */
struct manifest_line {
    const char *file; /* "stdin" for `-` */
    long number;      /* from 1 */
    const char *text; /* without its newline (nor a carriage return before it); NULL when record is set */
    json_t *record;   /* the parsed JSON object when the line begins with `{`; NULL for a plain line */
};

struct manifest_reader;

/* Reads files (an array of count names that must outlive the reader; "-" is stdin) one after the other; stdin when
 * count is 0. NULL when out of memory. */
struct manifest_reader *manifest_reader_alloc(char *const *files, int count);

/* Frees and leaves NULL; takes NULL. */
void manifest_reader_free(struct manifest_reader **reader);

enum manifest_result {
    MANIFEST_LINE, /* *line is set, valid until the next call */
    MANIFEST_BAD,  /* *line has file and number; error says what is wrong with that line (or file, then number is 0) */
    MANIFEST_WAIT, /* nothing more to read at the moment: poll manifest_reader_fd for POLLIN */
    MANIFEST_END
};

/* The next line; a UTF-8 byte order mark before the first one is passed over. Reads only when its buffer holds no whole
 * line, and then once: it never waits if the descriptor is readable. A file that cannot be opened or read, or
 * begins with bytes that no text begins with, is a MANIFEST_BAD (io), and the next file follows. */
enum manifest_result manifest_next(struct manifest_reader *reader, struct manifest_line *line, struct error *error);

/* The descriptor to poll after MANIFEST_WAIT; -1 when none is open. */
int manifest_reader_fd(const struct manifest_reader *reader);

/* True when manifest_next would give a line (or the end) without reading. */
bool manifest_reader_buffered(const struct manifest_reader *reader);

enum write_result { WRITE_DONE, WRITE_CLOSED, WRITE_STOPPED, WRITE_FAILED };

/* Writes record as one line to descriptor fd, whole, before it returns. Never blocks deaf: while fd takes nothing it
 * waits for fd or stop_fd (-1: none), and gives up with WRITE_STOPPED when stop_fd becomes readable. WRITE_CLOSED when
 * the reader has gone (EPIPE; SIGPIPE must be ignored). */
enum write_result manifest_write(int fd, int stop_fd, const json_t *record, struct error *error);

#endif
