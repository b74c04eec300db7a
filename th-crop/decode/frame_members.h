/* Members of a frame that FFmpeg's versions call by different names. */
#ifndef TH_CROP_DECODE_FRAME_MEMBERS_H
#define TH_CROP_DECODE_FRAME_MEMBERS_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

/* How long it is shown, in its nals. */
int64_t frame_duration(const AVFrame *frame);
void frame_set_duration(AVFrame *frame, int64_t duration);

/* Whether its lines are of two moments, and which come first. */
bool frame_is_interlaced(const AVFrame *frame);
bool frame_is_top_first(const AVFrame *frame);

#endif
