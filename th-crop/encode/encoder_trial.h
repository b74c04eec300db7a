/* Whether an encoder can be used on this machine, found out before any work is begun. */
#ifndef TH_CROP_ENCODE_ENCODER_TRIAL_H
#define TH_CROP_ENCODE_ENCODER_TRIAL_H

#include <stdbool.h>

#include "common/stage/console.h"
#include "th-crop/options.h"

/* Tries in a process of its own whether the settings make an encoder, of pictures as odd as their size. True when they
 * do; otherwise messages say why not and which encoders do open. */
bool encoder_works(const struct output_settings *settings, struct console *console);

#endif
