/* Shared by part.c, part_open.c and partial.c. */
#ifndef TH_FETCH_TRANSFER_PART_INTERNAL_H
#define TH_FETCH_TRANSFER_PART_INTERNAL_H

#include <stdbool.h>

#include "common/output/byte_ranges.h"
#include "th-fetch/transfer/part.h"
#include "th-fetch/transfer/part_note.h"

struct part {
    int fd;
    bool owned; /* locked, and the file still has the name of a part */
    char *dir, *final_path, *path, *note_path;
    struct part_note note;
    int64_t offset;           /* where the next byte goes */
    char *block;              /* buffer of the newest bytes; NULL until there are some */
    size_t held;              /* bytes in block; they end at offset */
    struct byte_ranges fresh; /* of a partial: written since the last partial_settle */
};

/* Truncates the file to 0 bytes. 0, or -1 and error. */
int part_empty(struct part *part, struct error *error);

/* part_open and partial_open, without regard of a part of the other kind. */
int part_open_kind(struct part **part, const struct part_name *name, bool is_partial, const char *source,
                   const char *format, struct error *error);

/* Writes what is buffered. 0, or -1 and error. */
int part_write_block(struct part *part, struct error *error);

#endif
