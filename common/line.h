/* Reads lines of a limited length from a stream. */
#ifndef COMMON_LINE_H
#define COMMON_LINE_H

#include <stddef.h>
#include <stdio.h>

#include "common/error.h"

/* Bytes of the longest line, without its newline, in everything that is read line by line. */
enum { LINE_BYTES_MAX = 1 << 20 };

/* Begins zeroed. */
struct line {
    char *text;    /* the line with its newline, which the last one may lack, and a NUL; free() it at the end */
    size_t length; /* bytes of text without the NUL */
    size_t room;
    long number; /* from 1 */
};

enum line_result {
    LINE_READ,     /* *line is set */
    LINE_TOO_LONG, /* the line was passed over; error says so, without its number */
    LINE_END,
    LINE_FAILED /* reading failed, or out of memory: error (io) says why */
};

/* The next line of stream. */
enum line_result line_read(struct line *line, FILE *stream, struct error *error);

#endif
