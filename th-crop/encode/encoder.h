/* The encoder of clips, set up as the ffmpeg program does it, on one thread. */
#ifndef TH_CROP_ENCODE_ENCODER_H
#define TH_CROP_ENCODE_ENCODER_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>

#include "common/error.h"
#include "th-crop/decode/decoder.h"
#include "th-crop/options.h"

/* Opens an encoder for pictures like `first` (size, pixel format, colour description), with times in units of
 * facts->time_base; headers go into the container. 0 and *codec (encoder_close), or -1 and error
 * (unreadable) with the library's reason. */
int encoder_open(AVCodecContext **codec, const struct encoder_settings *settings, const struct picture_facts *facts,
                 const AVFrame *first, struct error *error);

/* Sends frame to the encoder; may replace its content by a copy in a device's memory. NULL: no frame follows. 0 or an
 * AVERROR code. */
int encoder_send(AVCodecContext *codec, AVFrame *frame);

/* Frees *codec and leaves NULL; takes NULL. has_frames: it was sent a frame. */
void encoder_close(AVCodecContext **codec, bool has_frames);

/* The pixel formats in which frames are sent to the encoder of that name, ended by AV_PIX_FMT_NONE; none when it lists
 * none or does not exist. */
const enum AVPixelFormat *encoder_formats(const char *name);

/* True when the encoder takes the format, or lists none. */
bool encoder_takes(const char *name, enum AVPixelFormat format);

/* The container of clips of that codec: "mp4", or "mov" (QuickTime) for codecs that mp4 has no code for, such as FFV1.
 * Demuxers recognise both by their content. */
const char *encoder_container(enum AVCodecID codec);

/* Whether that encoder works on a device (VA-API, NVENC), or may. */
bool encoder_is_on_device(const char *name);

/* Installs the log callback that gives encoder_open the encoder's own messages, and keeps SVT-AV1 from writing to
 * stderr. Call once, before any thread is started. */
void encoder_capture_log(void);

#endif
