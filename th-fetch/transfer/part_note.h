/* What a part is a part of, kept beside it. */
#ifndef TH_FETCH_TRANSFER_PART_NOTE_H
#define TH_FETCH_TRANSFER_PART_NOTE_H

#include <stdint.h>

#include "common/error.h"

struct part_note {
    char *source, *format; /* what is being downloaded; format may be NULL */
    char *validator;       /* the ETag or date that the server gave the whole; NULL: none */
    int64_t total;         /* bytes of the whole; -1: not known */
};

/* Takes validator and total over from the file when it is about the same source and format. */
void part_note_read(struct part_note *note, const char *path);

/* Writes the file, whole or not at all. 0, or -1 and error. */
int part_note_write(const struct part_note *note, const char *path, struct error *error);

/* Forgets validator and total. */
void part_note_forget(struct part_note *note);

/* Frees its texts. */
void part_note_clear(struct part_note *note);

#endif
