/* The note beside a part: what is being downloaded. */
#ifndef TH_FETCH_TRANSFER_PART_NOTE_H
#define TH_FETCH_TRANSFER_PART_NOTE_H

#include <stdint.h>

#include "common/error.h"

struct part_note {
    char *source, *format; /* what is being downloaded; format may be NULL */
    char *validator;       /* ETag or Last-Modified of the whole file; NULL: none */
    int64_t total;         /* bytes of the whole file; -1: not known */
};

/* Sets validator and total from the note at path, when it names the same source and format. */
void part_note_read(struct part_note *note, const char *path);

/* Writes the note to path atomically. 0, or -1 and error. */
int part_note_write(const struct part_note *note, const char *path, struct error *error);

/* Forgets validator and total. */
void part_note_forget(struct part_note *note);

/* Frees its texts. */
void part_note_clear(struct part_note *note);

#endif
