/* Pictures for tests. */
#ifndef TEST_UNIT_TH_VERIFY_PICTURES_H
#define TEST_UNIT_TH_VERIFY_PICTURES_H

#include <libavutil/frame.h>

#include "test/unit/unit.h"

/* A picture of that kind (av_frame_free), whose samples are not set. */
static inline AVFrame *new_picture(enum AVPixelFormat format, int width, int height)
{
    AVFrame *frame = av_frame_alloc();

    assert_non_null(frame);
    frame->format = format;
    frame->width = width;
    frame->height = height;
    assert_int_equal(av_frame_get_buffer(frame, 0), 0);
    return frame;
}

#endif
