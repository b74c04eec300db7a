/* Which tubes are wanted, and which of their frames. Pure. */
#ifndef TH_CROP_PLAN_SELECT_H
#define TH_CROP_PLAN_SELECT_H

#include "common/box.h"
#include "common/error.h"
#include "common/tube.h"
#include "th-crop/options.h"

/* *trimmed becomes the tube without the frames that --trim-edges takes off. 0, or -1 and error (not_selected) when
 * nothing or less than --min-frames is left; a tube that makes no sense passes. */
int select_frames(const struct crop_settings *settings, const struct tube *tube, struct tube *trimmed,
                  struct error *error);

/* 0 when the box is as large as --min-size requests it, otherwise -1 and error (not_selected). */
int select_box(const struct crop_settings *settings, const struct box *box, struct error *error);

#endif
