/* Decodes the frames of a chunk, numbered as FFmpeg's trim filter numbers them: from 0, every frame that comes out when
 * all packets are decoded. An error in the stream ends decoding, since the numbers after it are not certain.
 *
 * Where a packet map makes the numbers certain beforehand, only what the chosen frames need is decoded. */
#ifndef TH_CROP_DECODE_DECODER_H
#define TH_CROP_DECODE_DECODER_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/av/packet_map.h"
#include "common/error.h"

/* What the container says of a chunk's pictures. */
struct picture_facts {
    AVRational time_base;           /* unit of the frames' times */
    AVRational frame_rate;          /* 25/1 when not known */
    AVRational sample_aspect_ratio; /* 0/1 when not known */
    int width, height;              /* as coded, before any rotation */
    int format;                     /* enum AVPixelFormat; -1 when not known */
    const int32_t *display_matrix;  /* 9 numbers, NULL when none; owned by the stream */
};

struct decoder;

/* How much was decoded. */
struct decoder_counts {
    int64_t frames;     /* that came out of the decoder, chosen or not */
    int64_t passed;     /* packets that the last choice left out */
    bool has_restarted; /* packets were read for more than one choice */
    const char *no_map; /* why no packet could be left out, a phrase; NULL when there is a map */
};

/* Opens the file's video stream. 0 and *decoder (decoder_close), or -1 and error: unreadable, no_video, io. */
int decoder_open(struct decoder **decoder, const char *path, struct error *error);
void decoder_close(struct decoder **decoder);

/* Owned by the decoder; valid until the next decoder_choose. */
const struct picture_facts *decoder_facts(const struct decoder *decoder);

/* The time of frame 0 in units of *time_base. Known once decoder_next has returned a frame. */
int64_t decoder_origin(const struct decoder *decoder, AVRational *time_base);

/* The frames of the chunk's file by its index, 0 when not known: what th-split has counted. */
int64_t decoder_listed_frames(const struct decoder *decoder);

/* The number of frames; -1 without a packet map, when no packet can be left out. */
int64_t decoder_frames(const struct decoder *decoder);

/* Begins at the first packet, also after frames were decoded, and chooses the frames of the ranges. Call it before the
 * first decoder_next. 0, or -1 and error (io, unreadable). */
int decoder_choose(struct decoder *decoder, const struct frame_range *ranges, size_t count, struct error *error);

/* Gives up the map: from the next decoder_choose on every packet is decoded. */
void decoder_drop_map(struct decoder *decoder);

/* The next frame and its number in the chunk. Every chosen frame comes, and others may. Its pts (0 for frame 0,
 * strictly rising) and duration (at least 1) are in units of the facts' time_base. 1 and frame (av_frame_unref), 0
 * after the last one, or -1 and error (unreadable, io). */
int decoder_next(struct decoder *decoder, AVFrame *frame, int64_t *number, struct error *error);

/* After decoder_next has failed: whether the packet at fault is known and the frames of the range need it. */
bool decoder_faults(const struct decoder *decoder, const struct frame_range *range);

struct decoder_counts decoder_counts(const struct decoder *decoder);

#endif
