#include "th-verify/decode.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>

#include "common/media.h"
#include "th-verify/picture.h"

enum {
    FRAMES_MAX = 1000000,     /* a clip that goes on is not decoded further; longest in the sets: a minute */
    PIXELS_MAX = 8192 * 8192, /* of one picture; the decoder refuses larger ones */
};

struct decoder {
    const AVCodecParameters *parameters;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame, *first;
    size_t room; /* of decoded->ticks */
    struct decoded *decoded;
};

void decoded_free(struct decoded *decoded)
{
    free(decoded->ticks);
    *decoded = (struct decoded){0};
}

static void note_fault(struct decoded *decoded, int64_t place, const char *what, int result)
{
    if (decoded->damaged++ == 0)
        error_set(&decoded->fault, ERROR_DECODE_ERROR, "%s, at frame %lld: %s", what, (long long)place,
                  av_err2str(result));
}

static void close_decoder(struct decoder *decoder)
{
    av_frame_free(&decoder->first);
    av_frame_free(&decoder->frame);
    av_packet_free(&decoder->packet);
    avcodec_free_context(&decoder->codec);
}

/* A stream that no decoder takes is a fault of the clip: then decoder->codec stays NULL. */
static int open_decoder(struct decoder *decoder, const AVStream *stream, struct error *error)
{
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    int result;

    if (!codec) {
        note_fault(decoder->decoded, 0, "there is no decoder for the video stream", AVERROR_DECODER_NOT_FOUND);
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
    /* Damage is to be told, not to be hidden. */
    decoder->codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    result = avcodec_open2(decoder->codec, codec, NULL);
    if (result == AVERROR(ENOMEM))
        return error_set(error, ERROR_IO, "out of memory");
    if (result < 0) {
        note_fault(decoder->decoded, 0, "the decoder does not take the video stream", result);
        avcodec_free_context(&decoder->codec);
    }
    return 0;
}

/* Compares the frame with the first one, as long as all have shown the same. */
static void compare_with_first(struct decoder *decoder)
{
    struct decoded *decoded = decoder->decoded;
    double distance;

    if (decoded->moved > DECODE_SAME_PICTURE)
        return;
    distance = picture_distance(decoder->first, decoder->frame);
    if (distance < 0)
        distance = 255; /* another size or format: all has changed */
    if (distance > decoded->moved)
        decoded->moved = distance;
    if (distance <= DECODE_SAME_PICTURE)
        decoded->front++;
}

static int add_time(struct decoder *decoder, struct error *error)
{
    struct decoded *decoded = decoder->decoded;
    int64_t time = decoder->frame->pts;

    if (time == AV_NOPTS_VALUE)
        time = decoder->frame->best_effort_timestamp;
    if ((size_t)decoded->frames == decoder->room) {
        size_t wanted = decoder->room ? 2 * decoder->room : 1024;
        int64_t *more = reallocarray(decoded->ticks, wanted, sizeof *more);

        if (!more)
            return error_set(error, ERROR_IO, "out of memory");
        decoded->ticks = more;
        decoder->room = wanted;
    }
    decoded->ticks[decoded->frames] = time;
    return 0;
}

static int take_frame(struct decoder *decoder, struct error *error)
{
    struct decoded *decoded = decoder->decoded;
    const AVFrame *frame = decoder->frame;

    if (frame->flags & AV_FRAME_FLAG_CORRUPT || frame->decode_error_flags)
        note_fault(decoded, decoded->frames, "the decoder gave a damaged picture", AVERROR_INVALIDDATA);
    if (decoded->resized < 0 &&
        (frame->width != decoder->parameters->width || frame->height != decoder->parameters->height))
        decoded->resized = decoded->frames;
    if (!decoder->first) {
        decoder->first = av_frame_clone(frame);
        if (!decoder->first)
            return error_set(error, ERROR_IO, "out of memory");
    }
    compare_with_first(decoder);
    if (add_time(decoder, error))
        return -1;
    decoded->frames++;
    return 0;
}

/* Takes the frames that the decoder has ready. */
static int drain(struct decoder *decoder, struct job *job, struct error *error)
{
    int result, status = 0;

    while (!status && (result = avcodec_receive_frame(decoder->codec, decoder->frame)) >= 0) {
        job_alive(job);
        status = take_frame(decoder, error);
        av_frame_unref(decoder->frame);
    }
    if (!status && result != AVERROR(EAGAIN) && result != AVERROR_EOF)
        note_fault(decoder->decoded, decoder->decoded->frames, "a frame does not decode", result);
    return status;
}

/* packet is NULL at the end. */
static int decode_packet(struct decoder *decoder, const AVPacket *packet, struct job *job, struct error *error)
{
    int result;

    if (packet && packet->flags & AV_PKT_FLAG_CORRUPT)
        note_fault(decoder->decoded, decoder->decoded->frames, "the file holds only a part of a packet",
                   AVERROR_INVALIDDATA);
    result = avcodec_send_packet(decoder->codec, packet);
    if (result < 0 && result != AVERROR_EOF)
        note_fault(decoder->decoded, decoder->decoded->frames, "a packet does not decode", result);
    return drain(decoder, job, error);
}

static int decode_packets(struct decoder *decoder, AVFormatContext *format, int video, struct job *job,
                          struct error *error)
{
    int result = 0, status = 0;

    while (!status && decoder->decoded->frames < FRAMES_MAX && (result = av_read_frame(format, decoder->packet)) >= 0) {
        job_alive(job);
        if (decoder->packet->stream_index == video)
            status = decode_packet(decoder, decoder->packet, job, error);
        av_packet_unref(decoder->packet);
    }
    if (status)
        return -1;
    if (result == AVERROR(EIO))
        return media_error(error, ERROR_IO, result, "cannot read %s to its end", format->url);
    if (result < 0 && result != AVERROR_EOF)
        note_fault(decoder->decoded, decoder->decoded->frames, "the file cannot be read on", result);
    return decode_packet(decoder, NULL, job, error);
}

int decode_run(AVFormatContext *format, int video, struct job *job, struct decoded *decoded, struct error *error)
{
    const AVStream *stream = format->streams[video];
    struct decoder decoder = {.parameters = stream->codecpar, .decoded = decoded};
    int status;

    *decoded = (struct decoded){.time_base = stream->time_base, .resized = -1};
    status = open_decoder(&decoder, stream, error);
    if (!status && decoder.codec)
        status = decode_packets(&decoder, format, video, job, error);
    close_decoder(&decoder);
    if (status)
        decoded_free(decoded);
    return status;
}
