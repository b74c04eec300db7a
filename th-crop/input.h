/* What each line of th-crop's input means for the plan. */
#ifndef TH_CROP_INPUT_H
#define TH_CROP_INPUT_H

#include "common/stage/manifest.h"
#include "th-crop/schedule.h"

/* Takes one line: a tube row, a chunk record, a video record, or a clip record. What cannot be understood is told to
 * the stage; what th-crop has nothing to do with is passed on. */
void crop_input_read(struct crop *crop, const struct manifest_line *line);

#endif
