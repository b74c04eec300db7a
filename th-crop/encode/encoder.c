#include "th-crop/encode/encoder.h"

#include <errno.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/compat.h"
#include "common/av/media.h"

enum {
    COMPLAINT_SIZE = 256, /* bytes */
    JPEG_QUALITY = 2,     /* 1 (best) to 31 */
    POOL_SIZE = 24        /* frames that an encoder and its driver may hold at a time */
};

/* Keeps the first message of an encoder that is being opened: it says more than the error code. The log callback has no
 * argument of its own, so the buffer is found through the codec context's `opaque`. */
static void keep_message(void *object, int level, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void keep_message(void *object, int level, const char *format, va_list arguments)
{
    const AVCodecContext *codec = object;
    va_list copy;

    if (level <= AV_LOG_WARNING && codec && codec->av_class == avcodec_get_class() && codec->codec &&
        av_codec_is_encoder(codec->codec) && codec->opaque && !*(char *)codec->opaque) {
        char *complaint = codec->opaque;

        va_copy(copy, arguments);
        vsnprintf(complaint, COMPLAINT_SIZE, format, copy);
        va_end(copy);
        complaint[strcspn(complaint, "\n")] = '\0';
    }
    av_log_default_callback(object, level, format, arguments);
}

void encoder_capture_log(void)
{
    av_log_set_callback(keep_message);
    (void)setenv("SVT_LOG", "1", 0); /* SVT-AV1 writes to stderr itself: errors only */
}

/* Copies what describes the pictures from the first frame to the encoder. */
static void describe_pictures(AVCodecContext *codec, const struct picture_facts *facts, const AVFrame *first)
{
    bool is_interlaced = compat_frame_is_interlaced(first);

    codec->time_base = facts->time_base;
    codec->framerate = facts->frame_rate;
    codec->width = first->width;
    codec->height = first->height;
    codec->pix_fmt = first->format;
    codec->sample_aspect_ratio = first->sample_aspect_ratio;
    codec->color_range = first->color_range;
    codec->color_primaries = first->color_primaries;
    codec->color_trc = first->color_trc;
    codec->colorspace = first->colorspace;
    codec->chroma_sample_location = first->chroma_location;
    codec->field_order = !is_interlaced                     ? AV_FIELD_PROGRESSIVE
                         : compat_frame_is_top_first(first) ? AV_FIELD_TB
                                                            : AV_FIELD_BT;
    /* H.264 signals interlacing only with this flag, and for 4:2:0 only with such heights. */
    if (is_interlaced && first->height % 4 == 0)
        codec->flags |= AV_CODEC_FLAG_INTERLACED_DCT;
    codec->thread_count = 1;
}

/* Options that make an encoder's output the same on every machine: some of x264's assembly rounds differently, and x265
 * and SVT-AV1 depend on the number of processors. x265 also writes to stderr itself. The user's options follow these
 * and so override them. */
static const struct {
    const char *encoder; /* the beginning of its name */
    const char *option, *value;
} independence[] = {
    {"libx264", "x264-params", "cpu-independent=1"},
    {"libx265", "x265-params", "pools=none:frame-threads=1:log-level=error"},
    {"libsvtav1", "svtav1-params", "lp=1"},
};

/* Adds the options of that table. 0 or an AVERROR code. */
static int make_independent(const char *encoder, AVDictionary **options)
{
    for (size_t i = 0; i < sizeof independence / sizeof *independence; i++) {
        const char *option = independence[i].option;
        const AVDictionaryEntry *given = av_dict_get(*options, option, NULL, 0);
        char *value;

        if (!av_strstart(encoder, independence[i].encoder, NULL))
            continue;
        value = av_asprintf("%s%s%s", independence[i].value, given ? ":" : "", given ? given->value : "");
        return value ? av_dict_set(options, option, value, AV_DICT_DONT_STRDUP_VAL) : AVERROR(ENOMEM);
    }
    return 0;
}

/* The encoder's options as a dictionary. 0, or -1 and error. */
static int collect_options(const struct encoder_settings *settings, AVDictionary **options, struct error *error)
{
    char crf[32];
    int result = 0;

    if (settings->options)
        result = av_dict_parse_string(options, settings->options, "=", ":", 0);
    if (result < 0)
        return error_set(error, ERROR_UNREADABLE, "the encoder's options `%s` have not the form name=value:name=value",
                         settings->options);
    if (settings->crf >= 0) {
        snprintf(crf, sizeof crf, "%.10g", settings->crf);
        result = av_dict_set(options, "crf", crf, 0);
    }
    if (result >= 0 && settings->preset)
        result = av_dict_set(options, "preset", settings->preset, 0);
    if (result >= 0)
        result = make_independent(settings->encoder, options);
    return result < 0 ? error_set(error, ERROR_IO, "out of memory") : 0;
}

/* Some encoders take frames only from a device's memory (VA-API, Vulkan): frames are uploaded. */
static bool is_on_device(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get(format);

    return pixels && pixels->flags & AV_PIX_FMT_FLAG_HWACCEL;
}

bool encoder_is_on_device(const char *name)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name(name);

    return encoder && encoder->capabilities & (AV_CODEC_CAP_HARDWARE | AV_CODEC_CAP_HYBRID);
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

/* Opens the device for such an encoder. The context is not open yet and has the size and pixel format of the frames; it
 * then gets the device's pixel format. device: its path, NULL for the first one found. 0, or -1 and error (unreadable,
 * io). */
static int attach_device(AVCodecContext *codec, const char *device, struct error *error)
{
    const AVCodecHWConfig *config;
    AVBufferRef *context = NULL;
    int result;

    for (int i = 0; (config = avcodec_get_hw_config(codec->codec, i)); i++)
        if (config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_FRAMES_CTX && is_on_device(config->pix_fmt))
            break;
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

/* Replaces frame by its copy in the device's memory. 0 or an AVERROR code. */
static int upload(const AVCodecContext *codec, AVFrame *frame)
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

/* The pixel formats in which the encoder gets frames, ended by AV_PIX_FMT_NONE: those that it lists. When all of these
 * are in a device's memory, the formats that are uploaded there, and *uploads is true. encoder: NULL for none. */
static const enum AVPixelFormat *find_formats(const AVCodec *encoder, bool *uploads)
{
    static const enum AVPixelFormat none[] = {AV_PIX_FMT_NONE};
    /* It lists others too, but refuses them: JPEG is full range. */
    static const enum AVPixelFormat jpeg[] = {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P,
                                              AV_PIX_FMT_NONE};
    static const enum AVPixelFormat eight_bits[] = {AV_PIX_FMT_NV12, AV_PIX_FMT_NONE};
    static const enum AVPixelFormat ten_bits[] = {AV_PIX_FMT_NV12, AV_PIX_FMT_P010, AV_PIX_FMT_NONE};
    const enum AVPixelFormat *listed = encoder ? compat_encoder_pixel_formats(encoder) : NULL, *format = listed;

    *uploads = false;
    if (encoder && !strcmp(encoder->name, "mjpeg"))
        return jpeg;
    if (!listed || *listed == AV_PIX_FMT_NONE)
        return none;
    while (is_on_device(*format))
        format++;
    if (*format != AV_PIX_FMT_NONE)
        return listed;
    *uploads = true;
    switch (encoder->id) {
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
        return ten_bits;
    default:
        return eight_bits;
    }
}

const enum AVPixelFormat *encoder_formats(const char *name)
{
    bool uploads;

    return find_formats(avcodec_find_encoder_by_name(name), &uploads);
}

bool encoder_takes(const char *name, enum AVPixelFormat format)
{
    const enum AVPixelFormat *formats = encoder_formats(name);
    bool says_nothing = *formats == AV_PIX_FMT_NONE;

    while (*formats != AV_PIX_FMT_NONE && *formats != format)
        formats++;
    return says_nothing || *formats == format;
}

/* Opens the encoder with its options. complaint: COMPLAINT_SIZE bytes, "" at first. 0, or -1 and error. */
static int open_with(AVCodecContext *codec, const struct encoder_settings *settings, char *complaint,
                     struct error *error)
{
    AVDictionary *options = NULL;
    const AVDictionaryEntry *unknown;
    int width = codec->width, height = codec->height; /* avcodec_open2 clears them when it fails */
    int result, status = collect_options(settings, &options, error);
    bool uploads;

    (void)find_formats(codec->codec, &uploads);
    if (!status && uploads) {
        const AVDictionaryEntry *device = av_dict_get(options, "device", NULL, 0);

        status = attach_device(codec, device ? device->value : NULL, error);
        (void)av_dict_set(&options, "device", NULL, 0); /* not an option of the encoder */
    }
    if (status)
        goto end;
    codec->opaque = complaint;
    result = avcodec_open2(codec, NULL, &options);
    codec->opaque = NULL;
    unknown = av_dict_get(options, "", NULL, AV_DICT_IGNORE_SUFFIX);
    if (result < 0)
        status = error_set(error, ERROR_UNREADABLE, "the encoder %s does not open for pictures of %dx%d, %s: %s",
                           settings->encoder, width, height, av_get_pix_fmt_name(codec->pix_fmt),
                           *complaint ? complaint : av_err2str(result));
    else if (unknown)
        status =
            error_set(error, ERROR_UNREADABLE, "the encoder %s has no option `%s`", settings->encoder, unknown->key);
end:
    av_dict_free(&options);
    return status;
}

const char *encoder_container(enum AVCodecID codec)
{
    return avformat_query_codec(av_guess_format("mp4", NULL, NULL), codec, FF_COMPLIANCE_NORMAL) == 1 ? "mp4" : "mov";
}

int encoder_open(AVCodecContext **codec, const struct encoder_settings *settings, const struct picture_facts *facts,
                 const AVFrame *first, struct error *error)
{
    const AVCodec *encoder = avcodec_find_encoder_by_name(settings->encoder);
    char complaint[COMPLAINT_SIZE] = "";

    *codec = NULL;
    if (!encoder || encoder->type != AVMEDIA_TYPE_VIDEO)
        return error_set(error, ERROR_UNREADABLE, "this FFmpeg has no video encoder named %s", settings->encoder);
    *codec = avcodec_alloc_context3(encoder);
    if (!*codec)
        return error_set(error, ERROR_IO, "out of memory");
    describe_pictures(*codec, facts, first);
    if (settings->gop)
        (*codec)->gop_size = (int)settings->gop;
    if (encoder->id == AV_CODEC_ID_MJPEG) { /* else its rate control aims at 200 kbit/s */
        (*codec)->flags |= AV_CODEC_FLAG_QSCALE;
        (*codec)->global_quality = JPEG_QUALITY * FF_QP2LAMBDA;
    }
    (*codec)->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (open_with(*codec, settings, complaint, error)) {
        avcodec_free_context(codec);
        return -1;
    }
    return 0;
}

int encoder_send(AVCodecContext *codec, AVFrame *frame)
{
    int result = frame && codec->hw_frames_ctx ? upload(codec, frame) : 0;

    return result < 0 ? result : avcodec_send_frame(codec, frame);
}

void encoder_close(AVCodecContext **codec, bool has_frames)
{
    AVPacket *packet = NULL;

    /* SVT-AV1 waits for its threads forever when it is closed without input or before the end of its input. */
    if (*codec && avcodec_is_open(*codec) && av_strstart((*codec)->codec->name, "libsvtav1", NULL)) {
        packet = has_frames ? av_packet_alloc() : NULL;
        if (!packet) {
            *codec = NULL; /* leaked: the process ends soon */
            return;
        }
        (void)avcodec_send_frame(*codec, NULL);
        while (avcodec_receive_packet(*codec, packet) >= 0)
            av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avcodec_free_context(codec);
}
