/* The note beside a part: what is being downloaded. */
#ifndef TH_FETCH_TRANSFER_PART_NOTE_H
#define TH_FETCH_TRANSFER_PART_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/output/byte_ranges.h"

struct part_note {
    char *source, *format;     /* what is being downloaded; format may be NULL */
    char *validator;           /* ETag or Last-Modified of the whole file; NULL: none */
    int64_t total;             /* bytes of the whole file; -1: not known */
    bool is_partial;           /* the note lists ranges */
    struct byte_ranges ranges; /* bytes that are there */
    int64_t requests;          /* that have been sent */
};

/* Sets validator, total, and ranges and requests of a partial, from the note at path, when it names the same source and
 * format. */
void part_note_read(struct part_note *note, const char *path);

/* Writes the note to path atomically. 0, or -1 and error. */
int part_note_write(const struct part_note *note, const char *path, struct error *error);

/* Forgets validator, total and ranges. */
void part_note_forget(struct part_note *note);

/* Frees its texts and ranges. */
void part_note_clear(struct part_note *note);

#endif
