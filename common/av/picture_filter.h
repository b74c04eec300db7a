/* Runs frames through a libavfilter graph, as the ffmpeg program's -vf does. */
#ifndef COMMON_AV_PICTURE_FILTER_H
#define COMMON_AV_PICTURE_FILTER_H

#include <libavutil/frame.h>
#include <libavutil/rational.h>
#include <stdint.h>

#include "common/error.h"

struct picture_filter;

/* Format of the frames at the input or output. Frame times are in units of time_base. */
struct picture_kind {
    int width, height;
    int format;                     /* enum AVPixelFormat */
    int color_space, color_range;   /* enum AVColorSpace, AVColorRange */
    AVRational sample_aspect_ratio; /* 0/1 when not known */
    AVRational time_base;
    AVRational frame_rate; /* 0/1 when not known */
};

/* The format of frame. */
struct picture_kind picture_filter_kind_of(const AVFrame *frame, AVRational time_base, AVRational frame_rate);

/* filters has the syntax of -vf. The graph runs on the calling thread, and scaling gives the same pixels on every
 * processor. 0 and *filter (picture_filter_close), or -1 and error (unreadable, io). */
int picture_filter_open(struct picture_filter **filter, const char *filters, const struct picture_kind *kind,
                        struct error *error);

/* Frees and leaves NULL; takes NULL. */
void picture_filter_close(struct picture_filter **filter);

/* The format of the output, but for color_space and color_range, which each frame has. */
struct picture_kind picture_filter_output(const struct picture_filter *filter);

/* Sends a frame, which stays the caller's, to the input. 0, or -1 and error. */
int picture_filter_send(struct picture_filter *filter, const AVFrame *frame, struct error *error);

/* Ends the input; the last frame ends at time end. 0, or -1 and error. */
int picture_filter_end(struct picture_filter *filter, int64_t end, struct error *error);

/* Gets the next frame from the output. 1 and frame, 0 when there is none (yet), or -1 and error. */
int picture_filter_receive(struct picture_filter *filter, AVFrame *frame, struct error *error);

#endif
