/* The clip of a tube: which frames, whether the options select it, where it is, whether it exists. */
#ifndef TH_CROP_PLAN_CLIP_TARGET_H
#define TH_CROP_PLAN_CLIP_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/tube.h"
#include "th-crop/options.h"

/* The path of the clip (a file, or a folder of pictures) in the folder dir, in new memory (free()); NULL when out of
 * memory. */
char *clip_target_path(const char *dir, const struct output_settings *settings, const char *chunk,
                       const struct tube *tube);

/* True when the clip is complete and was made with these settings; *bytes gets its size. */
bool clip_target_exists(const struct crop_settings *settings, const char *path, int64_t *bytes);

/* True when the clip or chunk can be opened and has sound. */
bool clip_target_has_sound(const char *path);

/* True when the clip, which has no sound, is older than the file at `source`, which has some: the clip was made before
 * the sound was there. */
bool clip_target_lacks_new_sound(const char *path, const char *source);

/* The number of frames of the tube's clip, -1 when it is not known before the clip is made. */
int64_t clip_target_frames(const struct output_settings *settings, const struct tube *tube);

/* *trimmed becomes the tube without the frames that --trim-edges takes off. 0, or -1 and error (not_selected) when no
 * frame or fewer than --min-frames are left. An invalid tube is copied. */
int clip_target_trim(const struct crop_settings *settings, const struct tube *tube, struct tube *trimmed,
                     struct error *error);

/* 0 when the box has the --min-size, otherwise -1 and error (not_selected). */
int clip_target_check_box(const struct crop_settings *settings, const struct box *box, struct error *error);

/* The options with which the clips of a folder were made, kept in a small hidden file of the folder, so that a run with
 * other options does not take them for its own. A folder of clips without that file was made with the defaults. */

enum { CLIP_OPTIONS_MAX = 4096 /* bytes, with the final null */ };

/* The options that change a clip's content, as on the command line; "" for the defaults. 0, or -1 when they are too
 * long. Pure. */
int clip_target_options(const struct output_settings *settings, char text[CLIP_OPTIONS_MAX]);

/* Checks that clips of these settings may be in the output folder, which exists. Writes its file if they are the first
 * ones or --force is given. Sets settings->made_since. 0, or -1 and error. */
int clip_target_check_options(struct crop_settings *settings, struct error *error);

#endif
