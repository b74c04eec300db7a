#include "th-crop/decoder.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/chunk_reader.h"
#include "common/media.h"
#include "th-crop/timeline.h"

struct decoder {
    struct chunk_reader *reader;
    const AVStream *stream;
    AVCodecContext *codec;
    AVPacket *packet;
    struct picture_facts facts;
    struct timeline timeline;
    int64_t origin;          /* time of the first frame, in units of the stream */
    int64_t key_pts;         /* of the first key packet */
    int64_t last_pts;        /* of the last frame given, in units of the facts */
    int64_t nominal;         /* a frame's duration as the frame rate says, in units of the facts; at least 1 */
    bool has_key, has_frame; /* a key packet was read, a frame was given */
    bool in_lead;            /* the last packet sent stands before the first key frame, in decoding or in showing */
    bool is_draining;
};

static const int32_t *find_display_matrix(const AVStream *stream)
{
    const uint8_t *data = NULL;
    size_t size = 0;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *side = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);

    if (side) {
        data = side->data;
        size = side->size;
    }
#else
    data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
#endif
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)data : NULL;
}

static void fill_facts(struct decoder *decoder)
{
    const AVStream *stream = decoder->stream;
    struct picture_facts *facts = &decoder->facts;
    AVRational base = av_mul_q(stream->time_base, av_make_q((int)decoder->timeline.unit, 1));

    *facts = (struct picture_facts){.time_base = base,
                                    .frame_rate = av_guess_frame_rate(chunk_reader_format(decoder->reader),
                                                                      chunk_reader_video(decoder->reader), NULL),
                                    .sample_aspect_ratio = stream->sample_aspect_ratio,
                                    .width = stream->codecpar->width,
                                    .height = stream->codecpar->height,
                                    .format = stream->codecpar->format,
                                    .display_matrix = find_display_matrix(stream)};
    if (facts->frame_rate.num <= 0 || facts->frame_rate.den <= 0)
        facts->frame_rate = (AVRational){25, 1};
    decoder->nominal = av_rescale_q(1, av_inv_q(facts->frame_rate), facts->time_base);
    if (decoder->nominal < 1)
        decoder->nominal = 1;
}

static int open_codec(struct decoder *decoder, const char *path, struct error *error)
{
    const AVCodec *codec = avcodec_find_decoder(decoder->stream->codecpar->codec_id);
    int result;

    if (!codec)
        return error_set(error, ERROR_UNREADABLE, "%s: there is no decoder for %s", path,
                         avcodec_get_name(decoder->stream->codecpar->codec_id));
    decoder->codec = avcodec_alloc_context3(codec);
    decoder->packet = av_packet_alloc();
    if (!decoder->codec || !decoder->packet)
        return error_set(error, ERROR_IO, "out of memory");
    result = avcodec_parameters_to_context(decoder->codec, decoder->stream->codecpar);
    if (result < 0)
        return media_error(error, ERROR_UNREADABLE, result, "cannot decode %s", path);
    decoder->codec->pkt_timebase = decoder->stream->time_base;
    decoder->codec->thread_count = 1; /* the processors are used by chunks side by side */
    result = avcodec_open2(decoder->codec, codec, NULL);
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "cannot decode %s", path) : 0;
}

int decoder_open(struct decoder **decoder, const char *path, struct error *error)
{
    struct decoder *d = calloc(1, sizeof *d);

    *decoder = d;
    if (!d)
        return error_set(error, ERROR_IO, "out of memory");
    if (chunk_reader_open(&d->reader, path, error))
        goto fail;
    d->stream = chunk_reader_video(d->reader);
    if (open_codec(d, path, error) || timeline_read(&d->timeline, path, error))
        goto fail;
    if (d->timeline.unit > INT_MAX)
        timeline_clear(&d->timeline);
    fill_facts(d);
    return 0;
fail:
    decoder_close(decoder);
    return -1;
}

void decoder_close(struct decoder **decoder)
{
    if (!*decoder)
        return;
    avcodec_free_context(&(*decoder)->codec);
    av_packet_free(&(*decoder)->packet);
    chunk_reader_close(&(*decoder)->reader);
    timeline_clear(&(*decoder)->timeline);
    free(*decoder);
    *decoder = NULL;
}

const struct picture_facts *decoder_facts(const struct decoder *decoder)
{
    return &decoder->facts;
}

int64_t frame_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

static void set_frame_duration(AVFrame *frame, int64_t duration)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    frame->duration = duration;
#else
    frame->pkt_duration = duration;
#endif
}

/* Reads the stream's next packet. 1, 0 at the end, or -1 and error. */
static int read_packet(struct decoder *decoder, struct error *error)
{
    int status;

    /* An empty packet would tell the decoder that the stream ends. */
    while ((status = chunk_reader_next(decoder->reader, decoder->packet, error)) > 0 && !decoder->packet->size)
        av_packet_unref(decoder->packet);
    return status;
}

/* A chunk that was cut at an open group of pictures begins with a key frame and with pictures that stand before it in
 * time and lean on what was cut off. The decoder drops them or complains of them; every player does without. The same
 * holds for packets before the first key frame. */
static void note_lead(struct decoder *decoder)
{
    const AVPacket *packet = decoder->packet;

    if (!decoder->has_key && packet->flags & AV_PKT_FLAG_KEY) {
        decoder->has_key = true;
        decoder->key_pts = packet->pts;
    }
    decoder->in_lead = !decoder->has_key || (packet->pts != AV_NOPTS_VALUE && decoder->key_pts != AV_NOPTS_VALUE &&
                                             packet->pts < decoder->key_pts);
}

/* Gives the decoder one more packet, or tells it that none is left. 0, or -1 and error. */
static int feed(struct decoder *decoder, struct error *error)
{
    int result, status = read_packet(decoder, error);

    if (status < 0)
        return -1;
    if (status == 0) {
        decoder->is_draining = true;
        decoder->in_lead = false;
        result = avcodec_send_packet(decoder->codec, NULL);
        return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "the chunk's end does not decode") : 0;
    }
    note_lead(decoder);
    if (decoder->packet->flags & AV_PKT_FLAG_CORRUPT)
        result = decoder->in_lead ? 0 : AVERROR_INVALIDDATA;
    else
        result = avcodec_send_packet(decoder->codec, decoder->packet);
    av_packet_unref(decoder->packet);
    if (result < 0 && !decoder->in_lead)
        return media_error(error, ERROR_UNREADABLE, result, "packet %lld of the chunk does not decode",
                           (long long)chunk_reader_packets(decoder->reader));
    return 0;
}

/* Sees that times rise: one that is missing, or not after the one before, becomes the one before and a duration. */
static void set_times(struct decoder *decoder, AVFrame *frame)
{
    int64_t time = frame->best_effort_timestamp, unit = decoder->timeline.unit;
    int64_t duration = timeline_duration(&decoder->timeline, time), pts = 0;

    if (duration <= 0)
        duration = frame_duration(frame);
    duration = (duration + unit / 2) / unit;
    if (duration <= 0)
        duration = decoder->nominal;
    if (!decoder->has_frame)
        decoder->origin = time != AV_NOPTS_VALUE ? time : 0;
    else if (time == AV_NOPTS_VALUE || (pts = (time - decoder->origin) / unit) <= decoder->last_pts)
        pts = decoder->last_pts + duration;
    frame->pts = pts;
    set_frame_duration(frame, duration);
    if (decoder->facts.sample_aspect_ratio.num)
        frame->sample_aspect_ratio = decoder->facts.sample_aspect_ratio;
    decoder->last_pts = pts;
    decoder->has_frame = true;
}

static bool is_damaged(const struct decoder *decoder, const AVFrame *frame)
{
    bool before_key = decoder->key_pts != AV_NOPTS_VALUE && frame->best_effort_timestamp != AV_NOPTS_VALUE &&
                      frame->best_effort_timestamp < decoder->key_pts;

    return !before_key && (frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT);
}

int decoder_next(struct decoder *decoder, AVFrame *frame, struct error *error)
{
    for (;;) {
        int result = avcodec_receive_frame(decoder->codec, frame);

        if (result == 0) {
            if (is_damaged(decoder, frame))
                return error_set(error, ERROR_UNREADABLE, "a frame of the chunk is damaged");
            set_times(decoder, frame);
            return 1;
        }
        if (result == AVERROR_EOF)
            return 0;
        if (decoder->is_draining || (result != AVERROR(EAGAIN) && !decoder->in_lead))
            return media_error(error, ERROR_UNREADABLE, result, "packet %lld of the chunk does not decode",
                               (long long)chunk_reader_packets(decoder->reader));
        if (feed(decoder, error))
            return -1;
    }
}
