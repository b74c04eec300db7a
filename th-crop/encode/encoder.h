/* The encoder of clips, set up as the ffmpeg program sets it up, on one thread. */
#ifndef TH_CROP_ENCODE_ENCODER_H
#define TH_CROP_ENCODE_ENCODER_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>

#include "common/error.h"
#include "th-crop/decode/decoder.h"
#include "th-crop/options.h"

/* Opens an encoder for pictures like `first` (size, pixel format, colour description), whose times are in units of
 * facts->time_base. global_header: the container keeps the headers. 0 and *codec (encoder_close), or -1 and error
 * (unreadable), which says in the library's words what is wrong. */
int encoder_open(AVCodecContext **codec, const struct encoder_settings *settings, const struct picture_facts *facts,
                 const AVFrame *first, bool global_header, struct error *error);

/* Gives the encoder frame, which it may replace by a copy in a device's memory; NULL: none follows. 0 or an AVERROR
 * code. */
int encoder_send(AVCodecContext *codec, AVFrame *frame);

/* Frees *codec and leaves NULL; takes NULL. has_frames: it was sent a frame. */
void encoder_close(AVCodecContext **codec, bool has_frames);

/* The pixel formats in which the encoder of that name is given pictures, ended by AV_PIX_FMT_NONE; none when it does
 * not say, or when there is no such encoder. */
const enum AVPixelFormat *encoder_formats(const char *name);

/* True when the encoder takes the format, or does not say what it takes. */
bool encoder_takes(const char *name, enum AVPixelFormat format);

/* The container of clips of that codec: "mp4", or "mov" (QuickTime, from which mp4 was made) for codecs that mp4 has no
 * name for, such as FFV1. Readers tell them apart by their content. */
const char *encoder_container(enum AVCodecID codec);

/* Keeps encoders from writing to stderr past the log, and lets encoder_open say what they complained of. Once, before
 * any thread is started. */
void encoder_capture_log(void);

#endif
