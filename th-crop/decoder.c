#include "th-crop/decoder.h"

#include <libavcodec/avcodec.h>
#include <limits.h>
#include <stdlib.h>

#include "common/media.h"
#include "th-crop/packet_feed.h"

struct decoder {
    struct packet_feed *feed;
    AVCodecContext *codec;
    AVPacket *packet;
    struct picture_facts facts;
    int64_t unit;    /* of the facts' time base, in units of the stream's */
    int64_t nominal; /* a frame's duration as the frame rate says, in units of the facts; at least 1 */

    int64_t frames;          /* that came from it */
    int64_t origin;          /* time of frame 0, in units of the stream */
    int64_t key_pts;         /* of the first key packet */
    int64_t last_pts;        /* of the last frame given, in units of the facts */
    bool has_key, has_frame; /* a key packet was read, a frame was given */
    bool in_lead;            /* the last packet sent stands before the first key frame, in decoding or in showing */
    bool is_draining;        /* the codec was told that nothing follows */
    bool has_held;           /* packet is to be sent when it has been drained */
    bool has_restarted;
};

static int open_codec(struct decoder *decoder, struct error *error)
{
    return media_decoder_open(&decoder->codec, packet_feed_video(decoder->feed), "the chunk", error);
}

static void set_units(struct decoder *decoder)
{
    const struct timeline *timeline = packet_feed_timeline(decoder->feed);
    const struct packet_map *map = packet_feed_map(decoder->feed, NULL);

    decoder->unit = timeline->unit <= INT_MAX ? timeline->unit : 1;
    picture_facts_read(&decoder->facts, packet_feed_format(decoder->feed), packet_feed_video(decoder->feed),
                       (int)decoder->unit);
    decoder->nominal = av_rescale_q(1, av_inv_q(decoder->facts.frame_rate), decoder->facts.time_base);
    if (decoder->nominal < 1)
        decoder->nominal = 1;
    if (map) { /* frame 0 may not be among those that are decoded */
        decoder->origin = map->packets[0].pts;
        decoder->last_pts = -1;
        decoder->has_frame = true;
    }
}

int decoder_open(struct decoder **decoder, const char *path, struct error *error)
{
    struct decoder *d = calloc(1, sizeof *d);

    *decoder = d;
    if (!d)
        return error_set(error, ERROR_IO, "out of memory");
    d->packet = av_packet_alloc();
    if (!d->packet)
        error_set(error, ERROR_IO, "out of memory");
    else if (!packet_feed_open(&d->feed, path, error) && !open_codec(d, error)) {
        set_units(d);
        return 0;
    }
    decoder_close(decoder);
    return -1;
}

void decoder_close(struct decoder **decoder)
{
    if (!*decoder)
        return;
    avcodec_free_context(&(*decoder)->codec);
    av_packet_free(&(*decoder)->packet);
    packet_feed_close(&(*decoder)->feed);
    free(*decoder);
    *decoder = NULL;
}

const struct picture_facts *decoder_facts(const struct decoder *decoder)
{
    return &decoder->facts;
}

int64_t decoder_origin(const struct decoder *decoder, AVRational *time_base)
{
    *time_base = av_mul_q(decoder->facts.time_base, (AVRational){1, (int)decoder->unit});
    return decoder->origin;
}

int64_t decoder_frames(const struct decoder *decoder)
{
    const struct packet_map *map = packet_feed_map(decoder->feed, NULL);

    return map ? (int64_t)map->count : -1;
}

bool decoder_has_map(const struct decoder *decoder)
{
    return packet_feed_map(decoder->feed, NULL);
}

void decoder_drop_map(struct decoder *decoder)
{
    packet_feed_drop_map(decoder->feed);
}

/* All that was decoded is forgotten. 0, or -1 and error. */
static int reopen_codec(struct decoder *decoder, struct error *error)
{
    avcodec_free_context(&decoder->codec);
    av_packet_unref(decoder->packet);
    decoder->has_restarted = true;
    return open_codec(decoder, error);
}

/* By a map the first error ends all: what is damaged may be a picture that others lean on and that comes out after
 * them, and what stands in for it differs with what was decoded before. A straight decode goes on, as players do. */
static void set_strictness(struct decoder *decoder)
{
    if (decoder_has_map(decoder))
        decoder->codec->err_recognition |= AV_EF_EXPLODE;
    else
        decoder->codec->err_recognition &= ~AV_EF_EXPLODE;
}

int decoder_choose(struct decoder *decoder, const struct frame_range *ranges, size_t count, struct error *error)
{
    bool is_used = packet_feed_read(decoder->feed) > 0;

    if (packet_feed_choose(decoder->feed, ranges, count, error) || (is_used && reopen_codec(decoder, error)))
        return -1;
    decoder->has_key = decoder->has_frame = decoder->in_lead = decoder->is_draining = decoder->has_held = false;
    decoder->key_pts = 0;
    set_strictness(decoder);
    set_units(decoder);
    return 0;
}

struct decoder_counts decoder_counts(const struct decoder *decoder)
{
    struct decoder_counts counts = {.frames = decoder->frames,
                                    .passed = packet_feed_passed(decoder->feed),
                                    .has_restarted = decoder->has_restarted};

    packet_feed_map(decoder->feed, &counts.no_map);
    return counts;
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

static int report_packet(const struct decoder *decoder, int result, struct error *error)
{
    return media_error(error, ERROR_UNREADABLE, result, "packet %lld of the chunk does not decode",
                       (long long)packet_feed_read(decoder->feed));
}

/* Tells the codec that nothing follows, so that it gives what it still holds. */
static int drain(struct decoder *decoder, struct error *error)
{
    int result = avcodec_send_packet(decoder->codec, NULL);

    decoder->is_draining = true;
    decoder->in_lead = false;
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "the chunk's end does not decode") : 0;
}

static int send(struct decoder *decoder, struct error *error)
{
    int result;

    note_lead(decoder);
    if (decoder->packet->flags & AV_PKT_FLAG_CORRUPT)
        result = decoder->in_lead ? 0 : AVERROR_INVALIDDATA;
    else
        result = avcodec_send_packet(decoder->codec, decoder->packet);
    av_packet_unref(decoder->packet);
    return result < 0 && !decoder->in_lead ? report_packet(decoder, result, error) : 0;
}

/* Gives the codec one more packet, or has it drained. 0, or -1 and error. */
static int feed(struct decoder *decoder, struct error *error)
{
    switch (packet_feed_next(decoder->feed, decoder->packet, error)) {
    case FEED_PACKET:
        return send(decoder, error);
    case FEED_RESTART:
        decoder->has_held = true;
        return drain(decoder, error);
    case FEED_END:
        return drain(decoder, error);
    case FEED_FAILED:
        break;
    }
    return -1;
}

/* The codec is empty. 1 after the last frame; 0 when more will come, or -1 and error. */
static int end_drain(struct decoder *decoder, struct error *error)
{
    if (!packet_feed_is_settled(decoder->feed, decoder->has_held))
        return error_set(error, ERROR_UNREADABLE, "a frame of the chunk is missing");
    if (!decoder->has_held)
        return 1;
    avcodec_flush_buffers(decoder->codec);
    decoder->is_draining = decoder->has_held = false;
    return send(decoder, error);
}

/* Sees that times rise: one that is missing, or not after the one before, becomes the one before and a duration. */
static void set_times(struct decoder *decoder, AVFrame *frame)
{
    int64_t time = frame->best_effort_timestamp, unit = decoder->unit;
    int64_t duration = timeline_duration(packet_feed_timeline(decoder->feed), time), pts = 0;

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

/* 1, or -1 and error when the frame is not as it should be. */
static int accept(struct decoder *decoder, AVFrame *frame, int64_t *number, struct error *error)
{
    decoder->frames++;
    *number = packet_feed_frame(decoder->feed, frame->best_effort_timestamp);
    if (is_damaged(decoder, frame))
        return error_set(error, ERROR_UNREADABLE, "a frame of the chunk is damaged");
    if (*number < 0)
        return error_set(error, ERROR_UNREADABLE, "a frame of the chunk has another time than its packet");
    set_times(decoder, frame);
    return 1;
}

int decoder_next(struct decoder *decoder, AVFrame *frame, int64_t *number, struct error *error)
{
    for (;;) {
        int result = avcodec_receive_frame(decoder->codec, frame), status;

        if (result == 0)
            return accept(decoder, frame, number, error);
        if (result == AVERROR_EOF) {
            status = end_drain(decoder, error);
            if (status)
                return status > 0 ? 0 : -1;
        } else if (decoder->is_draining || (result != AVERROR(EAGAIN) && !decoder->in_lead)) {
            return report_packet(decoder, result, error);
        } else if (feed(decoder, error)) {
            return -1;
        }
    }
}
