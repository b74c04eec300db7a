/* Where clips lie, and whether they are there. */
#ifndef TH_CROP_PLAN_CLIP_PLACE_H
#define TH_CROP_PLAN_CLIP_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/tube.h"
#include "th-crop/options.h"

/* The path of a clip (a file, or a folder of pictures) in new memory (free()), NULL when out of memory. */
char *clip_path(const struct crop_settings *settings, const char *chunk, const struct tube *tube);

/* True when the clip has its final name and was made with the settings' output; bytes gets its size. */
bool clip_exists(const struct crop_settings *settings, const char *path, int64_t *bytes);

/* True when the clip can be read and has sound. */
bool clip_has_sound(const char *path);

/* The frames of a tube's clip, -1 when they are not known before it is made. */
int64_t clip_frames(const struct output_settings *settings, const struct tube *tube);

#endif
