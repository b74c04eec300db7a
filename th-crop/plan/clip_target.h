/* The clip of a tube: which frames, whether the options select it, where it is, whether it exists. */
#ifndef TH_CROP_PLAN_CLIP_TARGET_H
#define TH_CROP_PLAN_CLIP_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/tube.h"
#include "th-crop/options.h"

/* The path of the clip (a file, or a folder of pictures) in new memory (free()), NULL when out of memory. */
char *clip_target_path(const struct crop_settings *settings, const char *chunk, const struct tube *tube);

/* True when the clip is complete and was made with these settings; *bytes gets its size. */
bool clip_target_exists(const struct crop_settings *settings, const char *path, int64_t *bytes);

/* True when the clip can be opened and has sound. */
bool clip_target_has_sound(const char *path);

/* The number of frames of the tube's clip, -1 when it is not known before the clip is made. */
int64_t clip_target_frames(const struct output_settings *settings, const struct tube *tube);

/* *trimmed becomes the tube without the frames that --trim-edges takes off. 0, or -1 and error (not_selected) when no
 * frame or fewer than --min-frames are left. An invalid tube is copied. */
int clip_target_trim(const struct crop_settings *settings, const struct tube *tube, struct tube *trimmed,
                     struct error *error);

/* 0 when the box has the --min-size, otherwise -1 and error (not_selected). */
int clip_target_check_box(const struct crop_settings *settings, const struct box *box, struct error *error);

#endif
