/* A download that is not complete yet: DIR/ID.mp4.part, and beside it DIR/ID.mp4.part.json, which says what the part is
 * a part of. What a killed run left is taken up again only when it is of the same thing; so it never becomes a mixture.
 *
 * A part is locked while it is open. */
#ifndef TH_FETCH_TRANSFER_PART_H
#define TH_FETCH_TRANSFER_PART_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct part;

/* What a part will be. */
struct part_name {
    const char *dir, *id;
    const char *suffix; /* ".mp4", or another one of a file that is needed on the way only */
};

/* Opens or makes the part of that name. source and format (may be NULL) say what is being downloaded: a part of
 * something else is emptied. 0 and *part (part_close), or -1 and error (io, disk_full; io also when another process is
 * downloading the same video). */
int part_open(struct part **part, const struct part_name *name, const char *source, const char *format,
              struct error *error);

/* Bytes that are there; bytes of the whole, -1 when not known; the ETag or date that the server gave the whole, NULL
 * when none. A part without validator has no bytes when it is opened. */
int64_t part_size(const struct part *part);
int64_t part_total(const struct part *part);
const char *part_validator(const struct part *part);
const char *part_path(const struct part *part);

/* Empties the part and notes what is about to come: validator (NULL: none) and total (-1: not known). 0, or -1 and
 * error. */
int part_restart(struct part *part, const char *validator, int64_t total, struct error *error);

/* Appends; the newest bytes may be held back, for larger writes, until the next part_flush or part_close. 0, or -1 and
 * error; then those are lost, and part_size says so. */
int part_append(struct part *part, const void *data, size_t size, struct error *error);

/* Writes what is held back. 0, or -1 and error. */
int part_flush(struct part *part, struct error *error);

/* Makes the regular file `from` the part, by moving it; to a file system of its own it cannot be moved: then 1 is
 * returned, and the part is empty for `from` to be copied into. 0, or -1 and error. */
int part_take(struct part *part, const char *from, struct error *error);

/* Gives the whole and synced file its final name, replacing one that has it, and syncs the folder; the part is then
 * no more (close it all the same). 0, or -1 and error. */
int part_finish(struct part *part, struct error *error);

/* Removes part and note. */
void part_discard(struct part *part);

/* Removes a part and note of that name which no process has open. */
void part_clear(const struct part_name *name);

/* Closes; the files stay for the next run, unless there are no bytes or none that could be gone on with. Leaves NULL;
 * takes NULL. */
void part_close(struct part **part);

#endif
