/* Encoders that take pictures only out of a device's own memory (VA-API, Vulkan): pictures are brought there. */
#ifndef TH_CROP_ENCODE_HARDWARE_H
#define TH_CROP_ENCODE_HARDWARE_H

#include <libavcodec/avcodec.h>

#include "common/error.h"

/* The pixel formats in which pictures are brought to the encoder's device, ended by AV_PIX_FMT_NONE; NULL when the
 * encoder is not of that kind. taken: the formats that it lists, ended likewise. */
const enum AVPixelFormat *hardware_formats(const AVCodec *encoder, const enum AVPixelFormat *taken);

/* Opens the device for an encoder of that kind, whose context is not open yet and has the size and the pixel format
 * of the pictures; the context then has the device's format. device: its path, NULL for the first one that there is. 0,
 * or -1 and error (unreadable, io). */
int hardware_attach(AVCodecContext *codec, const char *device, struct error *error);

/* Replaces frame by its copy in the device's memory. 0 or an AVERROR code. */
int hardware_upload(const AVCodecContext *codec, AVFrame *frame);

#endif
