/* A part that holds ranges of the file: DIR/ID.mp4.needed, a sparse file that is as long as the whole one, and its note
 * DIR/ID.mp4.needed.json, which lists the ranges. The note names only bytes that are on the disk, at any moment.
 *
 * What part.h says about opening, locking and closing holds for it. Its size is the number of bytes that have come. */
#ifndef TH_FETCH_TRANSFER_PARTIAL_H
#define TH_FETCH_TRANSFER_PARTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/output/byte_ranges.h"
#include "th-fetch/transfer/part.h"

/* Whether there is a file of that name. */
bool partial_exists(const struct part_name *name);

/* Opens or makes it as part_open does. What an ordinary part of the same source and format holds is its first range,
 * when it has none; one of something else is removed. */
int partial_open(struct part **part, const struct part_name *name, const char *source, const char *format,
                 struct error *error);

/* The ranges that have come and are synced. part_append, part_flush, part_restart and partial_settle change them. */
const struct byte_ranges *partial_ranges(const struct part *part);

/* The requests that have been sent for it, by earlier runs too. */
int64_t partial_requests(const struct part *part);

/* Adds to missing, which is empty, what to download next for the ranges `wanted` (NULL: all of the file): what is not
 * there yet, joined where it saves requests, within the file; while nothing of it has come, its first 256 KiB. 0,
 * or -1 when out of memory. */
int partial_want(const struct part *part, const struct byte_ranges *wanted, struct byte_ranges *missing);

/* Whether some of that is missing. */
bool partial_lacks(const struct part *part, const struct byte_ranges *wanted);

/* Counts a request. part_append continues at the offset `from`; nothing may be buffered (part_flush). */
void partial_begin_request(struct part *part, int64_t from);

/* Syncs what has come, and writes the note. part_append does so every 10 MiB. 0, or -1 and error; what is not known to
 * be on the disk then is not in the ranges. */
int partial_settle(struct part *part, struct error *error);

/* Makes it an ordinary part that is whole, in the place of one that is there. 0, or -1 and error; 1 when bytes are
 * missing: then nothing has changed. */
int partial_complete(struct part *part, struct error *error);

/* Makes it an ordinary part that is empty, in the place of one that is there. 0, or -1 and error. */
int partial_make_whole(struct part *part, struct error *error);

#endif
