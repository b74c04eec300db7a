/* Encoders that take frames only from a device's memory (VA-API, Vulkan): frames are uploaded. */
#ifndef TH_CROP_ENCODE_HARDWARE_H
#define TH_CROP_ENCODE_HARDWARE_H

#include <libavcodec/avcodec.h>

#include "common/error.h"

/* The pixel formats in which frames are uploaded, ended by AV_PIX_FMT_NONE; NULL when the encoder takes frames from the
 * main memory. taken: the formats that the encoder lists, ended likewise. */
const enum AVPixelFormat *hardware_formats(const AVCodec *encoder, const enum AVPixelFormat *taken);

/* Opens the device for such an encoder. The context is not open yet and has the size and pixel format of the frames; it
 * then gets the device's pixel format. device: its path, NULL for the first one found. 0, or -1 and error (unreadable,
 * io). */
int hardware_attach(AVCodecContext *codec, const char *device, struct error *error);

/* Replaces frame by its copy in the device's memory. 0 or an AVERROR code. */
int hardware_upload(const AVCodecContext *codec, AVFrame *frame);

#endif
