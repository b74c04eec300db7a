/* An incomplete download: DIR/ID.mp4.part, and its note DIR/ID.mp4.part.json, which says what is being downloaded. What
 * a killed run left is continued only when the note names the same source, so that no file mixes two sources.
 *
 * A part is locked while it is open. */
#ifndef TH_FETCH_TRANSFER_PART_H
#define TH_FETCH_TRANSFER_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct part;

/* The file that the part becomes: DIR/ID SUFFIX. */
struct part_name {
    const char *dir, *id;
    const char *suffix; /* ".mp4", or ".m4a" for sound, at most 20 bytes */
};

/* Opens or makes the part. source and format (may be NULL) say what is being downloaded; a part of something else is
 * emptied. 0 and *part (part_close), or -1 and error (disk_full, io; io also when another process is downloading the
 * same video). */
int part_open(struct part **part, const struct part_name *name, const char *source, const char *format,
              struct error *error);

/* Whether there is a file of that name. */
bool part_exists(const struct part_name *name);

/* Whether it holds ranges of the file (partial.h), and not its beginning. */
bool part_is_partial(const struct part *part);

/* Bytes that have come; bytes of the whole file, -1: not known; ETag or Last-Modified of the whole file, NULL: none. A
 * part without validator is empty when it is opened, because it cannot be continued. */
int64_t part_size(const struct part *part);
int64_t part_total(const struct part *part);
const char *part_validator(const struct part *part);
const char *part_path(const struct part *part);

/* The offset in the file at which part_append continues. */
int64_t part_offset(const struct part *part);

/* Empties the part, and notes validator (NULL: none) and total (-1: not known) of the file that is about to come. 0, or
 * -1 and error. */
int part_restart(struct part *part, const char *validator, int64_t total, struct error *error);

/* Appends. The newest bytes may stay in a buffer until the next part_flush or part_close. 0, or -1 and error; then the
 * buffered bytes are lost, and part_size no longer counts them. */
int part_append(struct part *part, const void *data, size_t size, struct error *error);

/* Writes what is buffered. 0, or -1 and error. */
int part_flush(struct part *part, struct error *error);

/* Moves the regular file `from`, on the same file system, in the place of the part. 0, or -1 and error. */
int part_take(struct part *part, const char *from, struct error *error);

/* Renames the part, which is whole and synced, to the final name, replacing a file of that name, and syncs the folder.
 * Only part_close may follow. 0, or -1 and error. */
int part_finish(struct part *part, struct error *error);

/* Renames `from`, which is whole and synced, to path in the folder dir without a part, and syncs the folder. 0, or -1
 * and error; 1 when `from` is on another file system: then nothing has changed. */
int part_move(const char *from, const char *dir, const char *path, struct error *error);

/* Removes part and note. */
void part_discard(struct part *part);

/* The folder DIR/ID SUFFIX.part.d, where the resolver gathers the segments of the part, in new memory. NULL when out of
 * memory. */
char *part_folder(const struct part_name *name);

/* The bytes of the files in that folder. */
int64_t part_folder_bytes(const char *folder);

/* Removes that folder and its files. To be called by the process that has the part open. */
void part_folder_remove(const struct part_name *name);

/* Removes parts and notes of that name, those that hold ranges too, and the folder, unless another process has the part
 * open. */
void part_clear(const struct part_name *name);

/* Closes. The files stay for the next run, unless the part is empty or has no validator. Leaves NULL; takes NULL. */
void part_close(struct part **part);

#endif
