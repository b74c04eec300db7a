/* With which options the clips of a folder were made, so that clips of other options are not taken for those that are
 * wanted. A small hidden file in the folder says it; a folder of clips without one was made with the defaults. */
#ifndef TH_CROP_ENCODE_CLIP_OPTIONS_H
#define TH_CROP_ENCODE_CLIP_OPTIONS_H

#include "common/error.h"
#include "th-crop/options.h"

/* The options that change what is in a clip, as on the command line, in new memory (free()); "" for the defaults. NULL
 * when out of memory. Pure. */
char *clip_options_text(const struct output_settings *settings);

/* Sees that clips of these settings may lie in the output folder, which exists, and writes its file anew when they are
 * the first ones or --force replaces what is there; sets settings->made_since. 0, or -1 and error. */
int clip_options_check(struct crop_settings *settings, struct error *error);

#endif
