/* The frames of a chunk, one after the other, counted as FFmpeg's trim filter counts them: every frame that a decoder
 * gives that decodes all, from 0. A fault in the stream ends them, for after it the numbers could not be trusted.
 *
 * Where a map of the packets makes the numbers certain, only what chosen frames need is decoded. */
#ifndef TH_CROP_DECODE_DECODER_H
#define TH_CROP_DECODE_DECODER_H

#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "th-crop/decode/packet_map.h"

struct picture_facts {
    AVRational time_base;           /* unit of the frames' times */
    AVRational frame_rate;          /* 25/1 when not known */
    AVRational sample_aspect_ratio; /* 0/1 when not known */
    int width, height, format;      /* as coded, before any rotation; format is an enum AVPixelFormat, -1: not known */
    const int32_t *display_matrix;  /* 9 numbers, NULL when none; owned by the stream */
};

/* The facts of a stream of format, for frames whose times are in units of `unit` times its time base. */
void picture_facts_read(struct picture_facts *facts, AVFormatContext *format, AVStream *stream, int unit);

struct decoder;

/* How much was decoded. */
struct decoder_counts {
    int64_t frames;     /* that came out of the decoder, also those that nobody chose */
    int64_t passed;     /* packets that were not decoded by the last choice, known not to be needed */
    bool has_restarted; /* there was more than one choice */
    const char *no_map; /* a phrase that says why nothing could be left out; NULL when it could */
};

/* Opens the file's video stream. 0 and *decoder (decoder_close), or -1 and error: unreadable, no_video, io. */
int decoder_open(struct decoder **decoder, const char *path, struct error *error);
void decoder_close(struct decoder **decoder);

const struct picture_facts *decoder_facts(const struct decoder *decoder);

/* The time of frame 0 in units of *time_base; to be called once a frame has come. */
int64_t decoder_origin(const struct decoder *decoder, AVRational *time_base);

/* The number of frames, -1 when it is not known beforehand. */
int64_t decoder_frames(const struct decoder *decoder);

/* Begins at the first packet, once more if need be. From there on only the frames of the ranges are needed. To be
 * called before the first decoder_next. 0, or -1 and error (io, unreadable). */
int decoder_choose(struct decoder *decoder, const struct frame_range *ranges, size_t count, struct error *error);

/* Whether packets can be left out. */
bool decoder_has_map(const struct decoder *decoder);

/* Does without the map: after the next decoder_choose no packet is left out. */
void decoder_drop_map(struct decoder *decoder);

/* The next frame that is decoded, and its number in the chunk; every chosen frame comes, and others may. Its pts (0 for
 * frame 0, strictly rising) and duration (at least 1; frame_duration()) are in units of time_base. 1 and frame, 0 after
 * the last one, or -1 and error (unreadable, io). */
int decoder_next(struct decoder *decoder, AVFrame *frame, int64_t *number, struct error *error);

/* After decoder_next has failed: whether the fault is known to be in a packet that frames of the range need, whatever
 * was chosen beside them. */
bool decoder_faults(const struct decoder *decoder, const struct frame_range *range);

struct decoder_counts decoder_counts(const struct decoder *decoder);

#endif
