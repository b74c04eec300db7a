/* Where clips lie, and whether they are there. */
#ifndef TH_CROP_PLAN_CLIP_TARGET_H
#define TH_CROP_PLAN_CLIP_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/box.h"
#include "common/error.h"
#include "common/tube.h"
#include "th-crop/options.h"

/* The path of a clip (a file, or a folder of pictures) in new memory (free()), NULL when out of memory. */
char *clip_target_path(const struct crop_settings *settings, const char *chunk, const struct tube *tube);

/* True when the clip has its final name and was made with the settings' output; bytes gets its size. */
bool clip_target_exists(const struct crop_settings *settings, const char *path, int64_t *bytes);

/* True when the clip can be read and has sound. */
bool clip_target_has_sound(const char *path);

/* The frames of a tube's clip, -1 when they are not known before it is made. */
int64_t clip_target_frames(const struct output_settings *settings, const struct tube *tube);

/* *trimmed becomes the tube without the frames that --trim-edges takes off. 0, or -1 and error (not_selected) when
 * nothing or less than --min-frames is left; a tube that makes no sense passes. */
int clip_target_trim(const struct crop_settings *settings, const struct tube *tube, struct tube *trimmed,
                     struct error *error);

/* 0 when the box is as large as --min-size requests it, otherwise -1 and error (not_selected). */
int clip_target_check_box(const struct crop_settings *settings, const struct box *box, struct error *error);

#endif
