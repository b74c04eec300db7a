#include "th-verify/frames.h"

#include <libavcodec/avcodec.h>

#include "common/media.h"

enum { PIXELS_MAX = 8192 * 8192 }; /* of one picture; the decoder refuses larger ones */

struct decoder {
    const struct frames_sink *sink;
    struct job *job;
    AVCodecContext *codec; /* NULL when no decoder takes the stream */
    AVPacket *packet;
    AVFrame *frame;
};

static void tell_fault(const struct decoder *decoder, const char *what, int result)
{
    if (decoder->sink->fault)
        decoder->sink->fault(decoder->sink->self, what, result);
}

static void close_decoder(struct decoder *decoder)
{
    av_frame_free(&decoder->frame);
    av_packet_free(&decoder->packet);
    avcodec_free_context(&decoder->codec);
}

static int open_decoder(struct decoder *decoder, const AVStream *stream, struct error *error)
{
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    int result;

    if (!codec) {
        tell_fault(decoder, "there is no decoder for the video stream", AVERROR_DECODER_NOT_FOUND);
        return 0;
    }
    decoder->packet = av_packet_alloc();
    decoder->frame = av_frame_alloc();
    decoder->codec = avcodec_alloc_context3(codec);
    if (!decoder->packet || !decoder->frame || !decoder->codec ||
        avcodec_parameters_to_context(decoder->codec, stream->codecpar) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    decoder->codec->pkt_timebase = stream->time_base;
    decoder->codec->thread_count = 1; /* clips are decoded side by side, each by a process of its own */
    decoder->codec->max_pixels = PIXELS_MAX;
    if (decoder->sink->is_strict)
        decoder->codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    result = avcodec_open2(decoder->codec, codec, NULL);
    if (result == AVERROR(ENOMEM))
        return error_set(error, ERROR_IO, "out of memory");
    if (result < 0) {
        tell_fault(decoder, "the decoder does not take the video stream", result);
        avcodec_free_context(&decoder->codec);
    }
    return 0;
}

/* Hands out the frames that the decoder has ready. As take returns. */
static int drain(struct decoder *decoder, struct error *error)
{
    int result = 0, status = 0;

    while (!status && (result = avcodec_receive_frame(decoder->codec, decoder->frame)) >= 0) {
        job_alive(decoder->job);
        if (decoder->frame->flags & AV_FRAME_FLAG_CORRUPT || decoder->frame->decode_error_flags)
            tell_fault(decoder, "the decoder gave a damaged picture", AVERROR_INVALIDDATA);
        status = decoder->sink->take(decoder->sink->self, decoder->frame, error);
        av_frame_unref(decoder->frame);
    }
    if (!status && result != AVERROR(EAGAIN) && result != AVERROR_EOF)
        tell_fault(decoder, "a frame does not decode", result);
    return status;
}

/* packet is NULL at the end. As take returns. */
static int decode_packet(struct decoder *decoder, const AVPacket *packet, struct error *error)
{
    int result;

    if (packet && packet->flags & AV_PKT_FLAG_CORRUPT)
        tell_fault(decoder, "the file holds only a part of a packet", AVERROR_INVALIDDATA);
    result = avcodec_send_packet(decoder->codec, packet);
    if (result < 0 && result != AVERROR_EOF)
        tell_fault(decoder, "a packet does not decode", result);
    return drain(decoder, error);
}

/* As take returns. */
static int decode_packets(struct decoder *decoder, AVFormatContext *format, int video, struct error *error)
{
    int result = 0, status = 0;

    while (!status && (result = av_read_frame(format, decoder->packet)) >= 0) {
        job_alive(decoder->job);
        if (decoder->packet->stream_index == video)
            status = decode_packet(decoder, decoder->packet, error);
        av_packet_unref(decoder->packet);
    }
    if (status)
        return status;
    if (result == AVERROR(EIO))
        return media_error(error, ERROR_IO, result, "cannot read %s to its end", format->url);
    if (result != AVERROR_EOF)
        tell_fault(decoder, "the file cannot be read on", result);
    return decode_packet(decoder, NULL, error);
}

int frames_decode(AVFormatContext *format, int video, struct job *job, const struct frames_sink *sink,
                  struct error *error)
{
    struct decoder decoder = {.sink = sink, .job = job};
    int status = open_decoder(&decoder, format->streams[video], error);

    if (!status && decoder.codec)
        status = decode_packets(&decoder, format, video, error);
    close_decoder(&decoder);
    return status < 0 ? -1 : 0;
}
