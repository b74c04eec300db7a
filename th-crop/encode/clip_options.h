/* The options with which the clips of a folder were made, kept in a small hidden file of the folder, so that a run with
 * other options does not take them for its own. A folder of clips without that file was made with the defaults. */
#ifndef TH_CROP_ENCODE_CLIP_OPTIONS_H
#define TH_CROP_ENCODE_CLIP_OPTIONS_H

#include "common/error.h"
#include "th-crop/options.h"

/* The options that change a clip's content, as on the command line, in new memory (free()); "" for the defaults. NULL
 * when out of memory. Pure. */
char *clip_options_text(const struct output_settings *settings);

/* Checks that clips of these settings may be in the output folder, which exists. Writes its file if they are the first
 * ones or --force is given. Sets settings->made_since. 0, or -1 and error. */
int clip_options_check(struct crop_settings *settings, struct error *error);

#endif
