/* From a line of th-crop's input to a change of the plan. */
#ifndef TH_CROP_INPUT_H
#define TH_CROP_INPUT_H

#include "common/stage/manifest.h"
#include "th-crop/schedule.h"

/* Reads one line: a tube row, or the record of a chunk, a video or a clip. Reports invalid lines to the stage, and
 * passes on records that need no work. self: a struct crop. */
void crop_input_read(void *self, const struct manifest_line *line);

#endif
