/* Walks over the boxes of an mp4 file that was partly downloaded, and finds those that must be read to know where its
 * packets are: all but the media data. */
#ifndef TH_FETCH_MEDIA_BOX_WALK_H
#define TH_FETCH_MEDIA_BOX_WALK_H

#include "common/cut/partial_file.h"
#include "common/output/byte_ranges.h"

/* Adds to wanted what must be read next; nothing when all is there. NULL, or a clause that says why parts of the file
 * are not enough. */
const char *box_walk(const struct partial_file *file, struct byte_ranges *wanted);

#endif
