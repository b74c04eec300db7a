/* The encoder of clips, set up as the ffmpeg program sets it up, on one thread. */
#ifndef TH_CROP_ENCODER_H
#define TH_CROP_ENCODER_H

#include <libavcodec/avcodec.h>

#include "common/console.h"
#include "common/error.h"
#include "th-crop/decoder.h"
#include "th-crop/options.h"

/* Opens an encoder for pictures like `first` (size, pixel format, colour description), whose times are in units of
 * facts->time_base. global_header: the container keeps the headers. 0 and *codec (avcodec_free_context), or -1 and
 * error (unreadable), which says in the library's words what is wrong. */
int encoder_open(AVCodecContext **codec, const struct encoder_settings *settings, const struct picture_facts *facts,
                 const AVFrame *first, bool global_header, struct error *error);

/* Tries in a process of its own whether the settings make an encoder. True when they do, otherwise a message. */
bool encoder_works(const struct encoder_settings *settings, struct console *console);

#endif
