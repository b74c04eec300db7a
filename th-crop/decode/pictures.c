#include "th-crop/decode/pictures.h"

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/av/media.h"
#include "th-crop/decode/decode_order.h"
#include "th-crop/decode/frame_gate.h"

struct pictures {
    struct packet_feed *feed;
    AVCodecContext *codec;
    AVPacket *packet;
    struct frame_proof *proof;
    struct error fault; /* why decoding ended before the chunk's end */
    int64_t damaged;    /* the first packet that is known to be; -1 */
    int64_t decoded;
    int64_t key_pts;  /* of the first key packet */
    bool has_key;     /* it was read */
    bool in_lead;     /* the last packet sent stands before the first key frame, in decoding or in showing */
    bool is_draining; /* the codec was told that nothing follows */
    bool has_held;    /* packet is to be sent when it has been drained */
    bool is_used;     /* a packet was sent */
};

static int open_codec(struct pictures *pictures, struct error *error)
{
    return media_decoder_open(&pictures->codec, packet_feed_video(pictures->feed), "the chunk", error);
}

int pictures_open(struct pictures **pictures, struct packet_feed *feed, struct error *error)
{
    struct pictures *p = calloc(1, sizeof *p);

    *pictures = p;
    if (!p)
        return error_set(error, ERROR_IO, "out of memory");
    p->feed = feed;
    p->packet = av_packet_alloc();
    p->proof = frame_proof_alloc();
    if (!p->packet || !p->proof)
        error_set(error, ERROR_IO, "out of memory");
    else if (!open_codec(p, error))
        return 0;
    pictures_close(pictures);
    return -1;
}

void pictures_close(struct pictures **pictures)
{
    if (!*pictures)
        return;
    avcodec_free_context(&(*pictures)->codec);
    av_packet_free(&(*pictures)->packet);
    frame_proof_free(&(*pictures)->proof);
    free(*pictures);
    *pictures = NULL;
}

/* How far the codec's pictures may come out of the order in which they are decoded, in packets. */
static int find_reach(const struct pictures *pictures)
{
    const AVCodecDescriptor *codec = avcodec_descriptor_get(pictures->codec->codec_id);

    return codec && !(codec->props & AV_CODEC_PROP_REORDER) ? 0 : FRAME_PROOF_REACH;
}

/* The decoder of H.265 marks no frame as damaged: it refuses a damaged packet, or passes over it without a word when
 * damage has made its NAL unit one of a reserved type. */
static bool marks_nothing(const struct pictures *pictures)
{
    return pictures->codec->codec_id == AV_CODEC_ID_HEVC;
}

int pictures_begin(struct pictures *pictures, struct error *error)
{
    if (pictures->is_used) {
        avcodec_free_context(&pictures->codec);
        av_packet_unref(pictures->packet);
        if (open_codec(pictures, error))
            return -1;
    }
    pictures->is_used = pictures->has_key = pictures->in_lead = pictures->is_draining = pictures->has_held = false;
    pictures->key_pts = 0;
    pictures->damaged = -1;
    error_set(&pictures->fault, ERROR_UNREADABLE, "a frame of the chunk is damaged");
    frame_proof_begin(pictures->proof, find_reach(pictures),
                      !packet_feed_map(pictures->feed, NULL) && marks_nothing(pictures));
    return 0;
}

int64_t pictures_decoded(const struct pictures *pictures)
{
    return pictures->decoded;
}

int64_t pictures_damaged(const struct pictures *pictures)
{
    return pictures->damaged;
}

/* A chunk that was cut at an open group of pictures begins with a key frame and with pictures that stand before it in
 * time and lean on what was cut off. The decoder drops them or complains of them; every player does without. The same
 * holds for packets before the first key frame. */
static void note_lead(struct pictures *pictures)
{
    const AVPacket *packet = pictures->packet;

    if (!pictures->has_key && packet->flags & AV_PKT_FLAG_KEY) {
        pictures->has_key = true;
        pictures->key_pts = packet->pts;
    }
    pictures->in_lead = !pictures->has_key || (packet->pts != AV_NOPTS_VALUE && pictures->key_pts != AV_NOPTS_VALUE &&
                                               packet->pts < pictures->key_pts);
}

static void note_damage(struct pictures *pictures, int64_t packet)
{
    if (packet >= 0 && (pictures->damaged < 0 || packet < pictures->damaged))
        pictures->damaged = packet;
}

/* Takes a picture that has come. 0, or -1 and error. */
static int take(struct pictures *pictures, AVFrame *frame, struct error *error)
{
    bool before_key = pictures->key_pts != AV_NOPTS_VALUE && frame->best_effort_timestamp != AV_NOPTS_VALUE &&
                      frame->best_effort_timestamp < pictures->key_pts;
    bool is_damaged = !before_key && (frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT);
    int64_t packet = decode_order_of(frame);

    pictures->decoded++;
    if (is_damaged)
        note_damage(pictures, packet);
    return frame_proof_add(pictures->proof, frame, packet, is_damaged) ? error_set(error, ERROR_IO, "out of memory")
                                                                       : 0;
}

static int report_packet(struct pictures *pictures, int result, struct error *error)
{
    if (!pictures->is_draining && result != AVERROR(ENOMEM))
        note_damage(pictures, packet_feed_last(pictures->feed));
    return media_error(error, ERROR_UNREADABLE, result, "packet %lld of the chunk does not decode",
                       (long long)packet_feed_read(pictures->feed));
}

/* Tells the codec that nothing follows, so that it gives what it still holds. */
static int drain(struct pictures *pictures, struct error *error)
{
    int result = avcodec_send_packet(pictures->codec, NULL);

    pictures->is_draining = true;
    pictures->in_lead = false;
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "the chunk's end does not decode") : 0;
}

/* Whether the codec ends at the first fault of the packet that is sent next. By a map it does. Without one, what leads
 * a chunk is no damage, and decoders mark each frame that they have had to mend: going on then tells which of those
 * that are held back are whole. */
static bool is_strict(const struct pictures *pictures)
{
    return packet_feed_map(pictures->feed, NULL) || (!pictures->in_lead && marks_nothing(pictures));
}

static int send(struct pictures *pictures, struct error *error)
{
    int result;

    note_lead(pictures);
    if (is_strict(pictures))
        pictures->codec->err_recognition |= AV_EF_EXPLODE;
    else
        pictures->codec->err_recognition &= ~AV_EF_EXPLODE;
    decode_order_set(pictures->codec, pictures->packet, packet_feed_last(pictures->feed));
    frame_proof_packet(pictures->proof, packet_feed_last(pictures->feed), pictures->packet->pts,
                       pictures->in_lead || pictures->packet->flags & AV_PKT_FLAG_DISCARD);
    pictures->is_used = true;
    if (pictures->packet->flags & AV_PKT_FLAG_CORRUPT)
        result = pictures->in_lead ? 0 : AVERROR_INVALIDDATA;
    else
        result = avcodec_send_packet(pictures->codec, pictures->packet);
    av_packet_unref(pictures->packet);
    return result < 0 && !pictures->in_lead ? report_packet(pictures, result, error) : 0;
}

/* Gives the codec one more packet, or has it drained. 0, or -1 and error. */
static int feed(struct pictures *pictures, struct error *error)
{
    switch (packet_feed_next(pictures->feed, pictures->packet, error)) {
    case FEED_PACKET:
        return send(pictures, error);
    case FEED_RESTART:
        pictures->has_held = true;
        return drain(pictures, error);
    case FEED_END:
        return drain(pictures, error);
    case FEED_FAILED:
        break;
    }
    return -1;
}

/* The codec is empty. 1 after the last picture; 0 when more will come, or -1 and error. */
static int end_drain(struct pictures *pictures, struct error *error)
{
    if (!packet_feed_is_settled(pictures->feed, pictures->has_held))
        return error_set(error, ERROR_UNREADABLE, "a frame of the chunk is missing");
    if (!pictures->has_held)
        return 1;
    avcodec_flush_buffers(pictures->codec);
    pictures->is_draining = pictures->has_held = false;
    return send(pictures, error);
}

/* Takes what the codec has next, or gives it more. 1 after the last picture, 0 before it, or -1 and error. */
static int go_on(struct pictures *pictures, AVFrame *frame, struct error *error)
{
    int result = avcodec_receive_frame(pictures->codec, frame);

    if (result == 0)
        return take(pictures, frame, error);
    if (result == AVERROR_EOF)
        return end_drain(pictures, error);
    if (pictures->is_draining || (result != AVERROR(EAGAIN) && !pictures->in_lead))
        return report_packet(pictures, result, error);
    return feed(pictures, error);
}

/* Decoding ends here, for the reason that error gives; what the codec still holds tells whether frames that are held
 * back are whole. */
static void break_off(struct pictures *pictures, const struct error *error)
{
    struct error ignored;

    if (!frame_proof_is_broken(pictures->proof))
        pictures->fault = *error;
    frame_proof_break(pictures->proof);
    if (pictures->is_draining || drain(pictures, &ignored))
        frame_proof_end(pictures->proof);
}

int pictures_next(struct pictures *pictures, AVFrame *frame, struct error *error)
{
    for (;;) {
        int status;

        switch (frame_proof_next(pictures->proof, frame)) {
        case FRAME_PROVEN:
            return 1;
        case FRAME_END:
            return 0;
        case FRAME_FAILED:
            *error = pictures->fault;
            return -1;
        case FRAME_WAITS:
            break;
        }
        status = go_on(pictures, frame, error);
        if (status < 0)
            break_off(pictures, error);
        else if (status)
            frame_proof_end(pictures->proof);
    }
}
