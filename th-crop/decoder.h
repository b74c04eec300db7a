/* The frames of a chunk, one after the other, counted as FFmpeg's trim filter counts them: every frame that the decoder
 * gives, from 0. A fault in the stream ends them, for after it the numbers could not be trusted. */
#ifndef TH_CROP_DECODER_H
#define TH_CROP_DECODER_H

#include <libavutil/frame.h>
#include <libavutil/rational.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* What the container says of the pictures. */
struct picture_facts {
    AVRational time_base;           /* unit of the frames' times */
    AVRational frame_rate;          /* 25/1 when not known */
    AVRational sample_aspect_ratio; /* 0/1 when not known */
    int width, height, format;      /* as coded, before any rotation; format is an enum AVPixelFormat, -1: not known */
    const int32_t *display_matrix;  /* 9 numbers, NULL when none; owned by the decoder */
};

struct decoder;

/* Opens the file's video stream. 0 and *decoder (decoder_close), or -1 and error: unreadable, no_video, io. */
int decoder_open(struct decoder **decoder, const char *path, struct error *error);
void decoder_close(struct decoder **decoder);

const struct picture_facts *decoder_facts(const struct decoder *decoder);

/* The next frame; its pts (0 for the first one, strictly rising) and duration (at least 1; frame_duration()) are in
 * units of time_base. 1 and frame, 0 after the last one, or -1 and error (unreadable, io). */
int decoder_next(struct decoder *decoder, AVFrame *frame, struct error *error);

/* The duration of a frame in its units, whatever the library's version calls it. */
int64_t frame_duration(const AVFrame *frame);

#endif
