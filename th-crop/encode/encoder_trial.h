/* Checks before any work that the chosen encoder opens on this machine. */
#ifndef TH_CROP_ENCODE_ENCODER_TRIAL_H
#define TH_CROP_ENCODE_ENCODER_TRIAL_H

#include "common/stage/console.h"
#include "th-crop/options.h"

/* Encodes one picture in a child process; its size is odd where the settings' size is. Returns 0 when that works.
 * Otherwise messages give the reason and the encoders that FFmpeg has for the same codec, and it returns the program's
 * exit status: EXIT_TRY_AGAIN when the process crashed or stalled, else EXIT_CANNOT. */
int encoder_trial_run(const struct output_settings *settings, struct console *console);

#endif
