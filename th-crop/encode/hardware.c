#include "th-crop/encode/hardware.h"

#include <libavutil/hwcontext.h>
#include <libavutil/pixdesc.h>
#include <stdbool.h>

#include "common/av/media.h"

/* Frames that an encoder and its driver may hold at a time. */
enum { POOL_SIZE = 24 };

static bool is_on_device(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get(format);

    return pixels && pixels->flags & AV_PIX_FMT_FLAG_HWACCEL;
}

const enum AVPixelFormat *hardware_formats(const AVCodec *encoder, const enum AVPixelFormat *taken)
{
    static const enum AVPixelFormat eight_bits[] = {AV_PIX_FMT_NV12, AV_PIX_FMT_NONE};
    static const enum AVPixelFormat ten_bits[] = {AV_PIX_FMT_NV12, AV_PIX_FMT_P010, AV_PIX_FMT_NONE};
    size_t count = 0;

    for (; taken[count] != AV_PIX_FMT_NONE; count++)
        if (!is_on_device(taken[count]))
            return NULL;
    if (!count)
        return NULL;
    switch (encoder->id) {
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
        return ten_bits;
    default:
        return eight_bits;
    }
}

/* The encoder's configuration for frames in a device's memory; NULL when it has none. */
static const AVCodecHWConfig *find_config(const AVCodec *encoder)
{
    const AVCodecHWConfig *config;

    for (int i = 0; (config = avcodec_get_hw_config(encoder, i)); i++)
        if (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_FRAMES_CTX && is_on_device(config->pix_fmt))
            return config;
    return NULL;
}

/* Allocates frames in the device's memory. 0 or an AVERROR code. */
static int make_pool(AVCodecContext *codec, AVBufferRef *device, enum AVPixelFormat format)
{
    AVHWFramesContext *frames;

    codec->hw_frames_ctx = av_hwframe_ctx_alloc(device);
    if (!codec->hw_frames_ctx)
        return AVERROR(ENOMEM);
    frames = (AVHWFramesContext *)(void *)codec->hw_frames_ctx->data;
    frames->format = format;
    frames->sw_format = codec->pix_fmt;
    frames->width = codec->width;
    frames->height = codec->height;
    frames->initial_pool_size = POOL_SIZE;
    codec->pix_fmt = format;
    return av_hwframe_ctx_init(codec->hw_frames_ctx);
}

int hardware_attach(AVCodecContext *codec, const char *device, struct error *error)
{
    const AVCodecHWConfig *config = find_config(codec->codec);
    AVBufferRef *context = NULL;
    int result;

    if (!config)
        return error_set(error, ERROR_UNREADABLE, "the encoder %s takes pictures only from a device that is not known",
                         codec->codec->name);
    result = av_hwdevice_ctx_create(&context, config->device_type, device, NULL, 0);
    if (result < 0)
        return error_set(error, ERROR_UNREADABLE, "the encoder %s does not open: it needs a %s device, and %s%s: %s",
                         codec->codec->name, av_hwdevice_get_type_name(config->device_type),
                         device ? "there is none at " : "none is found", device ? device : "", av_err2str(result));
    result = make_pool(codec, context, config->pix_fmt);
    av_buffer_unref(&context);
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result,
                                    "the %s device has no room for pictures of %dx%d that the encoder %s takes",
                                    av_hwdevice_get_type_name(config->device_type), codec->width, codec->height,
                                    codec->codec->name)
                      : 0;
}

int hardware_upload(const AVCodecContext *codec, AVFrame *frame)
{
    AVFrame *copy = av_frame_alloc();
    int result = copy ? av_hwframe_get_buffer(codec->hw_frames_ctx, copy, 0) : AVERROR(ENOMEM);

    if (result >= 0)
        result = av_hwframe_transfer_data(copy, frame, 0);
    if (result >= 0)
        result = av_frame_copy_props(copy, frame);
    if (result >= 0) {
        av_frame_unref(frame);
        av_frame_move_ref(frame, copy);
    }
    av_frame_free(&copy);
    return result;
}
