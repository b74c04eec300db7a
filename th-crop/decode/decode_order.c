#include "th-crop/decode/decode_order.h"

#ifdef AV_CODEC_FLAG_COPY_OPAQUE /* from FFmpeg 6 on */

void decode_order_set(AVCodecContext *codec, AVPacket *packet, int64_t number)
{
    codec->flags |= AV_CODEC_FLAG_COPY_OPAQUE;
    packet->opaque = (void *)(intptr_t)(number + 1);
}

int64_t decode_order_of(const AVFrame *frame)
{
    return (intptr_t)frame->opaque - 1;
}

#else

void decode_order_set(AVCodecContext *codec, AVPacket *packet, int64_t number)
{
    (void)packet;
    codec->reordered_opaque = number;
}

int64_t decode_order_of(const AVFrame *frame)
{
    return frame->reordered_opaque < 0 ? -1 : frame->reordered_opaque;
}

#endif
