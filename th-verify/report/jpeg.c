#include "th-verify/report/jpeg.h"

#include <libavcodec/avcodec.h>
#include <libavutil/base64.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

#include "common/av/media.h"

enum { QUALITY = 4 }; /* of 2 (best) to 31; 4 keeps faces clean at 4 to 8 KB a picture */

/* The scaled size: even, at least two pixels each way, since the JPEG is 4:2:0. */
static void scaled_size(const AVFrame *frame, int side_max, int *width, int *height)
{
    int longer = FFMAX(frame->width, frame->height);

    *width = frame->width;
    *height = frame->height;
    if (longer > side_max) {
        *width = (int)av_rescale(frame->width, side_max, longer);
        *height = (int)av_rescale(frame->height, side_max, longer);
    }
    *width = FFMAX(*width & ~1, 2);
    *height = FFMAX(*height & ~1, 2);
}

/* JPEG is BT.601 at full range, whatever the video is. */
static int set_colours(struct SwsContext *scaler, const AVFrame *frame)
{
    int space = frame->colorspace == AVCOL_SPC_UNSPECIFIED || frame->colorspace == AVCOL_SPC_RGB ? SWS_CS_DEFAULT
                                                                                                 : frame->colorspace;

    return sws_setColorspaceDetails(scaler, sws_getCoefficients(space), frame->color_range == AVCOL_RANGE_JPEG,
                                    sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
}

static int scale_picture(const AVFrame *frame, AVFrame *small)
{
    int flags = SWS_AREA | SWS_ACCURATE_RND | SWS_BITEXACT, result;
    struct SwsContext *scaler = sws_getContext(frame->width, frame->height, frame->format, small->width, small->height,
                                               small->format, flags, NULL, NULL, NULL);

    if (!scaler)
        return AVERROR(EINVAL);
    (void)set_colours(scaler, frame); /* fails for formats without colour details, which need none */
    result = av_frame_get_buffer(small, 0);
    if (result >= 0)
        result = sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, small->data,
                           small->linesize);
    sws_freeContext(scaler);
    return result < 0 ? result : 0;
}

static int encode_picture(const AVFrame *frame, AVPacket *packet)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    int result = AVERROR(ENOMEM);

    if (!encoder)
        return codec ? result : AVERROR_ENCODER_NOT_FOUND;
    encoder->width = frame->width;
    encoder->height = frame->height;
    encoder->pix_fmt = frame->format;
    encoder->color_range = AVCOL_RANGE_JPEG;
    encoder->time_base = (AVRational){1, 25};
    encoder->thread_count = 1;
    encoder->flags = AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    encoder->global_quality = FF_QP2LAMBDA * QUALITY;
    result = avcodec_open2(encoder, codec, NULL);
    if (result >= 0)
        result = avcodec_send_frame(encoder, frame);
    if (result >= 0)
        result = avcodec_receive_packet(encoder, packet);
    avcodec_free_context(&encoder);
    return result;
}

static char *base64(const AVPacket *packet)
{
    int size = AV_BASE64_SIZE(packet->size);
    char *text = av_malloc((size_t)size);

    return text ? av_base64_encode(text, size, packet->data, packet->size) : NULL;
}

char *jpeg_text(const AVFrame *frame, int side_max, int *width, int *height, struct error *error)
{
    AVFrame *small = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    int result = AVERROR(ENOMEM);
    char *text = NULL;

    if (!small || !packet)
        goto end;
    scaled_size(frame, side_max, width, height);
    small->width = *width;
    small->height = *height;
    small->format = AV_PIX_FMT_YUVJ420P;
    small->quality = FF_QP2LAMBDA * QUALITY;
    result = scale_picture(frame, small);
    if (result >= 0)
        result = encode_picture(small, packet);
    if (result >= 0)
        text = base64(packet);
end:
    av_packet_free(&packet);
    av_frame_free(&small);
    if (!text)
        media_error(error, ERROR_UNREADABLE, result < 0 ? result : AVERROR(ENOMEM), "no picture can be made");
    return text;
}
