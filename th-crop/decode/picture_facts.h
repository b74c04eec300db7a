/* What the container says of a chunk's pictures. */
#ifndef TH_CROP_DECODE_PICTURE_FACTS_H
#define TH_CROP_DECODE_PICTURE_FACTS_H

#include <libavformat/avformat.h>
#include <stdint.h>

struct picture_facts {
    AVRational time_base;           /* unit of the frames' times */
    AVRational frame_rate;          /* 25/1 when not known */
    AVRational sample_aspect_ratio; /* 0/1 when not known */
    int width, height, format;      /* as coded, before any rotation; format is an enum AVPixelFormat, -1: not known */
    const int32_t *display_matrix;  /* 9 numbers, NULL when none; owned by the stream */
};

/* The facts of a stream of format, for frames whose times are in units of `unit` times its time base. */
void picture_facts_read(struct picture_facts *facts, AVFormatContext *format, AVStream *stream, int unit);

#endif
