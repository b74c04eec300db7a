/* Which packet a frame was decoded from. */
#ifndef TH_CROP_DECODE_DECODE_ORDER_H
#define TH_CROP_DECODE_DECODE_ORDER_H

#include <libavcodec/avcodec.h>
#include <stdint.h>

/* Has the frame that comes of the packet, which is to be sent to the codec next, carry number (at least 0). */
void decode_order_set(AVCodecContext *codec, AVPacket *packet, int64_t number);

/* The number of the packet that the frame came of, -1 when it is not known. */
int64_t decode_order_of(const AVFrame *frame);

#endif
