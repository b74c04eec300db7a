#include "th-crop/decode/decoder.h"

#include <libavcodec/avcodec.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/av/media.h"
#include "common/av/rotate.h"
#include "th-crop/decode/demux.h"
#include "th-crop/decode/frame_gate.h"
#include "th-crop/decode/frame_members.h"

void picture_facts_read(struct picture_facts *facts, AVFormatContext *format, AVStream *stream, int unit)
{
    *facts = (struct picture_facts){.time_base = av_mul_q(stream->time_base, av_make_q(unit, 1)),
                                    .frame_rate = av_guess_frame_rate(format, stream, NULL),
                                    .sample_aspect_ratio = stream->sample_aspect_ratio,
                                    .width = stream->codecpar->width,
                                    .height = stream->codecpar->height,
                                    .format = stream->codecpar->format,
                                    .display_matrix = rotate_matrix(stream)};
    if (facts->frame_rate.num <= 0 || facts->frame_rate.den <= 0)
        facts->frame_rate = (AVRational){25, 1};
}

/* Has the frame that comes of the packet, which is to be sent to the codec next, carry number (at least 0). */
void decode_order_set(AVCodecContext *codec, AVPacket *packet, int64_t number);

/* The number of the packet that the frame came of, -1 when it is not known. */
int64_t decode_order_of(const AVFrame *frame);

#ifdef AV_CODEC_FLAG_COPY_OPAQUE /* from FFmpeg 6 on */

void decode_order_set(AVCodecContext *codec, AVPacket *packet, int64_t number)
{
    codec->flags |= AV_CODEC_FLAG_COPY_OPAQUE;
    packet->opaque = (void *)(intptr_t)(number + 1);
}

int64_t decode_order_of(const AVFrame *frame)
{
    return (intptr_t)frame->opaque - 1;
}

#else

void decode_order_set(AVCodecContext *codec, AVPacket *packet, int64_t number)
{
    (void)packet;
    codec->reordered_opaque = number;
}

int64_t decode_order_of(const AVFrame *frame)
{
    return frame->reordered_opaque < 0 ? -1 : frame->reordered_opaque;
}

#endif

struct pictures;

/* Pictures of the packets that the demux, which stays the caller's, will give. 0 and *pictures (pictures_close), or -1
 * and error: unreadable, io. */
int pictures_open(struct pictures **pictures, struct demux *demux, struct error *error);
void pictures_close(struct pictures **pictures);

/* Forgets all that was decoded: the demux begins anew. To be called after each demux_choose. 0, or -1 and error.
 */
int pictures_begin(struct pictures *pictures, struct error *error);

/* The next picture; its best_effort_timestamp is in units of the stream. 1 and frame, 0 after the last one, or -1 and
 * error (unreadable, io). */
int pictures_next(struct pictures *pictures, AVFrame *frame, struct error *error);

/* The number of the first packet that is known to be damaged, by which pictures_next has failed or will; -1: none is.
 */
int64_t pictures_damaged(const struct pictures *pictures);

/* How many have been decoded since it was opened. */
int64_t pictures_decoded(const struct pictures *pictures);

struct pictures {
    struct demux *demux;
    AVCodecContext *codec;
    AVPacket *packet;
    struct frame_gate *gate;
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
    return media_decoder_open(&pictures->codec, demux_video(pictures->demux), "the chunk", error);
}

int pictures_open(struct pictures **pictures, struct demux *demux, struct error *error)
{
    struct pictures *p = calloc(1, sizeof *p);

    *pictures = p;
    if (!p)
        return error_set(error, ERROR_IO, "out of memory");
    p->demux = demux;
    p->packet = av_packet_alloc();
    p->gate = frame_gate_alloc();
    if (!p->packet || !p->gate)
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
    frame_gate_free(&(*pictures)->gate);
    free(*pictures);
    *pictures = NULL;
}

/* How far the codec's pictures may come out of the order in which they are decoded, in packets. */
static int reorder_window(const struct pictures *pictures)
{
    const AVCodecDescriptor *codec = avcodec_descriptor_get(pictures->codec->codec_id);

    return codec && !(codec->props & AV_CODEC_PROP_REORDER) ? 0 : FRAME_GATE_WINDOW;
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
    frame_gate_begin(pictures->gate, reorder_window(pictures),
                     !demux_map(pictures->demux, NULL) && marks_nothing(pictures));
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
    return frame_gate_add(pictures->gate, frame, packet, is_damaged) ? error_set(error, ERROR_IO, "out of memory") : 0;
}

static int report_packet(struct pictures *pictures, int result, struct error *error)
{
    if (!pictures->is_draining && result != AVERROR(ENOMEM))
        note_damage(pictures, demux_last(pictures->demux));
    return media_error(error, ERROR_UNREADABLE, result, "packet %lld of the chunk does not decode",
                       (long long)demux_read(pictures->demux));
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
    return demux_map(pictures->demux, NULL) || (!pictures->in_lead && marks_nothing(pictures));
}

static int send(struct pictures *pictures, struct error *error)
{
    int result;

    note_lead(pictures);
    if (is_strict(pictures))
        pictures->codec->err_recognition |= AV_EF_EXPLODE;
    else
        pictures->codec->err_recognition &= ~AV_EF_EXPLODE;
    decode_order_set(pictures->codec, pictures->packet, demux_last(pictures->demux));
    frame_gate_packet(pictures->gate, demux_last(pictures->demux), pictures->packet->pts,
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
static int send_next(struct pictures *pictures, struct error *error)
{
    switch (demux_next(pictures->demux, pictures->packet, error)) {
    case DEMUX_PACKET:
        return send(pictures, error);
    case DEMUX_RESTART:
        pictures->has_held = true;
        return drain(pictures, error);
    case DEMUX_END:
        return drain(pictures, error);
    case DEMUX_FAILED:
        break;
    }
    return -1;
}

/* The codec is empty. 1 after the last picture; 0 when more will come, or -1 and error. */
static int end_drain(struct pictures *pictures, struct error *error)
{
    if (!demux_is_settled(pictures->demux, pictures->has_held))
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
    return send_next(pictures, error);
}

/* Decoding ends here, for the reason that error gives; what the codec still holds tells whether frames that are held
 * back are whole. */
static void break_off(struct pictures *pictures, const struct error *error)
{
    struct error ignored;

    if (!frame_gate_is_broken(pictures->gate))
        pictures->fault = *error;
    frame_gate_break(pictures->gate);
    if (pictures->is_draining || drain(pictures, &ignored))
        frame_gate_end(pictures->gate);
}

int pictures_next(struct pictures *pictures, AVFrame *frame, struct error *error)
{
    for (;;) {
        int status;

        switch (frame_gate_next(pictures->gate, frame)) {
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
            frame_gate_end(pictures->gate);
    }
}

struct decoder {
    struct demux *demux;
    struct pictures *pictures;
    struct picture_facts facts;
    int64_t unit;    /* of the facts' time base, in units of the stream's */
    int64_t nominal; /* a frame's duration as the frame rate says, in units of the facts; at least 1 */

    int64_t origin;   /* time of frame 0, in units of the stream */
    int64_t last_pts; /* of the last frame given, in units of the facts */
    bool has_frame;   /* a frame was given */
    bool has_restarted;
};

static void set_units(struct decoder *decoder)
{
    const struct packet_times *timeline = demux_timeline(decoder->demux);
    const struct packet_map *map = demux_map(decoder->demux, NULL);

    decoder->unit = timeline->unit <= INT_MAX ? timeline->unit : 1;
    picture_facts_read(&decoder->facts, demux_format(decoder->demux), demux_video(decoder->demux), (int)decoder->unit);
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
    if (!demux_open(&d->demux, path, error) && !pictures_open(&d->pictures, d->demux, error)) {
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
    pictures_close(&(*decoder)->pictures);
    demux_close(&(*decoder)->demux);
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
    const struct packet_map *map = demux_map(decoder->demux, NULL);

    return map ? (int64_t)map->count : -1;
}

bool decoder_has_map(const struct decoder *decoder)
{
    return demux_map(decoder->demux, NULL);
}

void decoder_drop_map(struct decoder *decoder)
{
    demux_drop_map(decoder->demux);
}

int decoder_choose(struct decoder *decoder, const struct frame_range *ranges, size_t count, struct error *error)
{
    if (demux_read(decoder->demux))
        decoder->has_restarted = true;
    if (demux_choose(decoder->demux, ranges, count, error) || pictures_begin(decoder->pictures, error))
        return -1;
    decoder->has_frame = false;
    set_units(decoder);
    return 0;
}

struct decoder_counts decoder_counts(const struct decoder *decoder)
{
    struct decoder_counts counts = {.frames = pictures_decoded(decoder->pictures),
                                    .passed = demux_passed(decoder->demux),
                                    .has_restarted = decoder->has_restarted};

    demux_map(decoder->demux, &counts.no_map);
    return counts;
}

bool decoder_faults(const struct decoder *decoder, const struct frame_range *range)
{
    int64_t packet = pictures_damaged(decoder->pictures);

    return packet >= 0 && demux_is_needed(decoder->demux, packet, range);
}

/* Sees that times rise: one that is missing, or not after the one before, becomes the one before and a duration. */
static void set_times(struct decoder *decoder, AVFrame *frame)
{
    int64_t time = frame->best_effort_timestamp, unit = decoder->unit;
    int64_t duration = packet_times_duration(demux_timeline(decoder->demux), time), pts = 0;

    if (duration <= 0)
        duration = frame_duration(frame);
    duration = av_sat_add64(duration, unit / 2) / unit;
    if (duration <= 0)
        duration = decoder->nominal;
    if (!decoder->has_frame)
        decoder->origin = time != AV_NOPTS_VALUE ? time : 0;
    else if (time == AV_NOPTS_VALUE || (pts = av_sat_sub64(time, decoder->origin) / unit) <= decoder->last_pts)
        pts = av_sat_add64(decoder->last_pts, duration);
    frame->pts = pts;
    frame_set_duration(frame, duration);
    if (decoder->facts.sample_aspect_ratio.num)
        frame->sample_aspect_ratio = decoder->facts.sample_aspect_ratio;
    decoder->last_pts = pts;
    decoder->has_frame = true;
}

int decoder_next(struct decoder *decoder, AVFrame *frame, int64_t *number, struct error *error)
{
    int status = pictures_next(decoder->pictures, frame, error);

    if (status <= 0)
        return status;
    *number = demux_frame(decoder->demux, frame->best_effort_timestamp);
    if (*number < 0)
        return error_set(error, ERROR_UNREADABLE, "a frame of the chunk has another time than its packet");
    set_times(decoder, frame);
    return 1;
}
