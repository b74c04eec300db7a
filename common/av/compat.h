/* All that differs between the versions of FFmpeg's libraries, from 5.1 to 9. No other file tests a version. */
#ifndef COMMON_AV_COMPAT_H
#define COMMON_AV_COMPAT_H

#include <libavcodec/avcodec.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* How long frame is shown, in units of its time base. Renamed in FFmpeg 6.0. */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
#define COMPAT_FRAME_DURATION duration
#else
#define COMPAT_FRAME_DURATION pkt_duration
#endif

static inline int64_t compat_frame_duration(const AVFrame *frame)
{
    return frame->COMPAT_FRAME_DURATION;
}

static inline void compat_frame_set_duration(AVFrame *frame, int64_t duration)
{
    frame->COMPAT_FRAME_DURATION = duration;
}

/* Whether frame consists of two fields, and whether the top field is shown first. Flags since FFmpeg 6.1. */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
static inline bool compat_frame_is_interlaced(const AVFrame *frame)
{
    return frame->flags & AV_FRAME_FLAG_INTERLACED;
}

static inline bool compat_frame_is_top_first(const AVFrame *frame)
{
    return frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST;
}
#else
static inline bool compat_frame_is_interlaced(const AVFrame *frame)
{
    return frame->interlaced_frame;
}

static inline bool compat_frame_is_top_first(const AVFrame *frame)
{
    return frame->top_field_first;
}
#endif

/* Gives the packet, which is sent to codec next, a number (at least 0) that its frame then carries. FFmpeg 6.0 replaced
 * the codec's member by one of the packet. */
static inline void compat_packet_set_number(AVCodecContext *codec, AVPacket *packet, int64_t number)
{
#ifdef AV_CODEC_FLAG_COPY_OPAQUE
    codec->flags |= AV_CODEC_FLAG_COPY_OPAQUE;
    packet->opaque = (void *)(intptr_t)(number + 1);
#else
    (void)packet;
    codec->reordered_opaque = number;
#endif
}

/* The number of the packet that the frame was decoded from; -1 when not known. */
static inline int64_t compat_frame_packet_number(const AVFrame *frame)
{
#ifdef AV_CODEC_FLAG_COPY_OPAQUE
    return (intptr_t)frame->opaque - 1;
#else
    return frame->reordered_opaque < 0 ? -1 : frame->reordered_opaque;
#endif
}

/* The pixel formats that encoder lists, ended by AV_PIX_FMT_NONE, or NULL when it lists none. AVCodec.pix_fmts was
 * replaced in FFmpeg 7.1 and is gone in 9. */
static inline const enum AVPixelFormat *compat_encoder_pixel_formats(const AVCodec *encoder)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
    const void *formats = NULL;

    return avcodec_get_supported_config(NULL, encoder, AV_CODEC_CONFIG_PIX_FORMAT, 0, &formats, NULL) < 0 ? NULL
                                                                                                          : formats;
#else
    return encoder->pix_fmts;
#endif
}

/* Tells a buffer source how colours are coded. Since FFmpeg 7.0; earlier ones take it from each frame. */
static inline void compat_buffersrc_set_colors(AVBufferSrcParameters *parameters, enum AVColorSpace space,
                                               enum AVColorRange range)
{
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 13, 100)
    parameters->color_space = space;
    parameters->color_range = range;
#else
    (void)parameters;
    (void)space;
    (void)range;
#endif
}

/* What the write callback of avio_alloc_context() points to: const since FFmpeg 7.0. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t compat_avio_byte;
#else
typedef uint8_t compat_avio_byte;
#endif

/* Side data of a whole stream, of *size bytes, owned by the stream; NULL when there is none. FFmpeg 6.1 moved it from
 * the stream to its codec parameters. */
static inline const uint8_t *compat_stream_side_data(const AVStream *stream, enum AVPacketSideDataType type,
                                                     size_t *size)
{
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *side =
        av_packet_side_data_get(stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, type);

    *size = side ? side->size : 0;
    return side ? side->data : NULL;
#else
    return av_stream_get_side_data(stream, type, size);
#endif
}

/* Copies the side data that avcodec_parameters_copy() does not: before FFmpeg 6.1 all of it, since then none. 0 or an
 * AVERROR code. */
static inline int compat_stream_copy_side_data(AVStream *out, const AVStream *in)
{
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
    for (int i = 0; i < in->nb_side_data; i++) {
        const AVPacketSideData *from = &in->side_data[i];
        uint8_t *to = av_stream_new_side_data(out, from->type, from->size);

        if (!to)
            return AVERROR(ENOMEM);
        memcpy(to, from->data, from->size);
    }
#else
    (void)out;
    (void)in;
#endif
    return 0;
}

/* Proposes to the muxer the time base that the ffmpeg program of this version proposes for a copied stream: since
 * FFmpeg 7.1 that of the container, before that of the codec when that of the container is very fine. The functions for
 * the latter are gone in FFmpeg 9. 0 or an AVERROR code. */
static inline int compat_stream_copy_time_base(AVStream *out, const AVStream *in, const AVOutputFormat *format)
{
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(61, 7, 100)
    AVRational time_base;
    int result = avformat_transfer_internal_stream_timing_info(format, out, in, AVFMT_TBCF_AUTO);

    if (result < 0)
        return result;
    time_base = av_stream_get_codec_timebase(out);
#else
    AVRational time_base = in->time_base;

    (void)format;
#endif
    out->time_base = av_add_q(time_base, (AVRational){0, 1}); /* reduced */
    return 0;
}

/* Whether the ffmpeg program rounds a dts that it makes up to the source's time base (since 6.1) and not only to the
 * output's. */
#define COMPAT_DTS_ROUNDS_TO_SOURCE (LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 16, 100))

#endif
