#include "th-crop/decode/frame_members.h"

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)

int64_t frame_duration(const AVFrame *frame)
{
    return frame->duration;
}

void frame_set_duration(AVFrame *frame, int64_t duration)
{
    frame->duration = duration;
}

#else

int64_t frame_duration(const AVFrame *frame)
{
    return frame->pkt_duration;
}

void frame_set_duration(AVFrame *frame, int64_t duration)
{
    frame->pkt_duration = duration;
}

#endif

#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)

bool frame_is_interlaced(const AVFrame *frame)
{
    return frame->flags & AV_FRAME_FLAG_INTERLACED;
}

bool frame_is_top_first(const AVFrame *frame)
{
    return frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST;
}

#else

bool frame_is_interlaced(const AVFrame *frame)
{
    return frame->interlaced_frame;
}

bool frame_is_top_first(const AVFrame *frame)
{
    return frame->top_field_first;
}

#endif
