#include "th-crop/decode/decoder.h"

#include <libavcodec/avcodec.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/compat.h"
#include "common/av/media.h"
#include "common/av/rotate.h"
#include "common/cut/chunk_reader.h"
#include "th-crop/decode/demux.h"
#include "th-crop/decode/frame_gate.h"

struct decoder {
    char *path;
    struct packet_scan scan;
    struct demux *demux;
    struct picture_facts facts;
    int64_t unit;    /* of the facts' time base, in units of the stream's */
    int64_t nominal; /* a frame's duration by the frame rate, in units of the facts; at least 1 */

    AVCodecContext *codec;
    AVPacket *packet;
    int64_t packet_number; /* of the last packet read, from 0; -1: none since the last choice */
    struct frame_gate *gate;
    struct error fault; /* why decoding ended before the chunk's end */
    int64_t damaged;    /* number of the first packet that is known to be; -1: none */
    int64_t key_pts;    /* of the first key packet */
    bool has_key;       /* the first key packet was read */
    bool in_lead;       /* the last packet sent precedes the first key frame, in decoding order or in time */
    bool is_draining;   /* the codec was told that nothing follows */
    bool has_held;      /* packet is to be sent when the codec has been drained */

    int64_t origin;   /* time of frame 0, in units of the stream */
    int64_t last_pts; /* of the last frame given, in units of the facts */
    bool has_frame;   /* a frame was given, or the origin is known from the map */

    int64_t decoded; /* frames since the decoder was opened */
    bool has_restarted;
};

static const struct packet_map *map_of(const struct decoder *decoder)
{
    return decoder->scan.no_map ? NULL : &decoder->scan.map;
}

/* The decoder of H.265 marks no frame as damaged. It refuses a damaged packet, or passes over it without an error when
 * damage has given its NAL unit a reserved type. */
static bool marks_no_damage(const struct decoder *decoder)
{
    return decoder->codec->codec_id == AV_CODEC_ID_HEVC;
}

static int open_codec(struct decoder *decoder, struct error *error)
{
    return media_decoder_open(&decoder->codec, chunk_reader_video(demux_reader(decoder->demux)), "the chunk", error);
}

/* Reads what the container says, and forgets all that was decoded. */
static void begin(struct decoder *decoder)
{
    const struct chunk_reader *reader = demux_reader(decoder->demux);
    AVStream *stream = chunk_reader_video(reader);
    const AVCodecDescriptor *codec = avcodec_descriptor_get(decoder->codec->codec_id);
    const struct packet_map *map = map_of(decoder);
    struct picture_facts *facts = &decoder->facts;

    decoder->unit = decoder->scan.unit <= INT_MAX ? decoder->scan.unit : 1;
    *facts = (struct picture_facts){.time_base = av_mul_q(stream->time_base, av_make_q((int)decoder->unit, 1)),
                                    .frame_rate = av_guess_frame_rate(chunk_reader_format(reader), stream, NULL),
                                    .sample_aspect_ratio = stream->sample_aspect_ratio,
                                    .width = stream->codecpar->width,
                                    .height = stream->codecpar->height,
                                    .format = stream->codecpar->format,
                                    .display_matrix = rotate_matrix(stream)};
    if (facts->frame_rate.num <= 0 || facts->frame_rate.den <= 0)
        facts->frame_rate = (AVRational){25, 1};
    decoder->nominal = av_rescale_q(1, av_inv_q(facts->frame_rate), facts->time_base);
    if (decoder->nominal < 1)
        decoder->nominal = 1;

    /* With a map, frame 0 may not be among those that are decoded. */
    decoder->has_frame = map;
    decoder->origin = map ? map->packets[0].pts : 0;
    decoder->last_pts = -1;

    decoder->packet_number = decoder->damaged = -1;
    decoder->key_pts = 0;
    decoder->has_key = decoder->in_lead = decoder->is_draining = decoder->has_held = false;
    error_set(&decoder->fault, ERROR_UNREADABLE, "a frame of the chunk is damaged");
    frame_gate_begin(decoder->gate, codec && !(codec->props & AV_CODEC_PROP_REORDER) ? 0 : FRAME_GATE_WINDOW,
                     !map && marks_no_damage(decoder));
}

int decoder_open(struct decoder **decoder, const char *path, struct error *error)
{
    struct decoder *d = calloc(1, sizeof *d);

    *decoder = d;
    if (!d)
        return error_set(error, ERROR_IO, "out of memory");
    d->path = strdup(path);
    d->packet = av_packet_alloc();
    d->gate = frame_gate_alloc();
    if (!d->path || !d->packet || !d->gate) {
        error_set(error, ERROR_IO, "out of memory");
    } else if (!packet_scan_read(&d->scan, path, error) && !demux_open(&d->demux, d->path, &d->scan, error) &&
               !open_codec(d, error)) {
        begin(d);
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
    frame_gate_free(&(*decoder)->gate);
    demux_close(&(*decoder)->demux);
    packet_scan_clear(&(*decoder)->scan);
    free((*decoder)->path);
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

int64_t decoder_listed_frames(const struct decoder *decoder)
{
    return chunk_reader_video(demux_reader(decoder->demux))->nb_frames;
}

int64_t decoder_frames(const struct decoder *decoder)
{
    return map_of(decoder) ? (int64_t)map_of(decoder)->count : -1;
}

void decoder_drop_map(struct decoder *decoder)
{
    if (!decoder->scan.no_map)
        decoder->scan.no_map = "frames did not come as expected";
}

int decoder_choose(struct decoder *decoder, const struct frame_range *ranges, size_t count, struct error *error)
{
    bool is_used = decoder->packet_number >= 0;

    decoder->has_restarted |= is_used;
    if (demux_choose(decoder->demux, ranges, count, error))
        return -1;
    if (is_used) {
        avcodec_free_context(&decoder->codec);
        av_packet_unref(decoder->packet);
        if (open_codec(decoder, error))
            return -1;
    }
    begin(decoder);
    return 0;
}

struct decoder_counts decoder_counts(const struct decoder *decoder)
{
    return (struct decoder_counts){.frames = decoder->decoded,
                                   .passed = demux_skipped(decoder->demux),
                                   .has_restarted = decoder->has_restarted,
                                   .no_map = decoder->scan.no_map};
}

bool decoder_faults(const struct decoder *decoder, const struct frame_range *range)
{
    const struct packet_map *map = map_of(decoder);

    return map && decoder->damaged >= 0 && packet_map_needs(map, range, (size_t)decoder->damaged);
}

static void note_damage(struct decoder *decoder, int64_t packet)
{
    if (packet >= 0 && (decoder->damaged < 0 || packet < decoder->damaged))
        decoder->damaged = packet;
}

/* Takes a frame from the codec. 0, or -1 and error. */
static int take(struct decoder *decoder, AVFrame *frame, struct error *error)
{
    bool before_key = decoder->key_pts != AV_NOPTS_VALUE && frame->best_effort_timestamp != AV_NOPTS_VALUE &&
                      frame->best_effort_timestamp < decoder->key_pts;
    bool is_damaged = !before_key && (frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT);
    int64_t number = compat_frame_packet_number(frame);

    decoder->decoded++;
    if (is_damaged)
        note_damage(decoder, number);
    return frame_gate_add(decoder->gate, frame, number, is_damaged) ? error_set(error, ERROR_IO, "out of memory") : 0;
}

static int report_packet(struct decoder *decoder, int result, struct error *error)
{
    if (!decoder->is_draining && result != AVERROR(ENOMEM))
        note_damage(decoder, decoder->packet_number);
    return media_error(error, ERROR_UNREADABLE, result, "packet %lld of the chunk does not decode",
                       (long long)chunk_reader_packets(demux_reader(decoder->demux)));
}

/* Tells the codec that nothing follows, so that it gives the frames that it still holds. */
static int drain(struct decoder *decoder, struct error *error)
{
    int result = avcodec_send_packet(decoder->codec, NULL);

    decoder->is_draining = true;
    decoder->in_lead = false;
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "the chunk's end does not decode") : 0;
}

/* A chunk that was cut at an open group of pictures begins with a key frame and with pictures that precede it in time
 * and reference what was cut off. The decoder drops them or reports errors for them; every player does without them.
 * The same holds for packets before the first key frame. */
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

/* Whether the codec stops at the first error in the packet that is sent next. With a map it does. Without one it does
 * only where it marks no damage: other decoders mark each frame that they have repaired, and going on tells which of
 * the frames that are held back are undamaged. Errors before the first key frame are no damage. */
static bool is_strict(const struct decoder *decoder)
{
    return map_of(decoder) || (!decoder->in_lead && marks_no_damage(decoder));
}

static int send_packet(struct decoder *decoder, struct error *error)
{
    AVPacket *packet = decoder->packet;
    int result;

    note_lead(decoder);
    if (is_strict(decoder))
        decoder->codec->err_recognition |= AV_EF_EXPLODE;
    else
        decoder->codec->err_recognition &= ~AV_EF_EXPLODE;
    compat_packet_set_number(decoder->codec, packet, decoder->packet_number);
    frame_gate_packet(decoder->gate, decoder->packet_number, packet->pts,
                      decoder->in_lead || packet->flags & AV_PKT_FLAG_DISCARD);
    if (packet->flags & AV_PKT_FLAG_CORRUPT)
        result = AVERROR_INVALIDDATA;
    else
        result = avcodec_send_packet(decoder->codec, packet);
    av_packet_unref(packet);
    return result < 0 && !decoder->in_lead ? report_packet(decoder, result, error) : 0;
}

/* Sends the codec one more packet, or has it drained. 0, or -1 and error. */
static int send_next(struct decoder *decoder, struct error *error)
{
    switch (demux_next(decoder->demux, decoder->packet, &decoder->packet_number, error)) {
    case DEMUX_PACKET:
        return send_packet(decoder, error);
    case DEMUX_RESTART:
        decoder->has_held = true;
        return drain(decoder, error);
    case DEMUX_END:
        return drain(decoder, error);
    case DEMUX_FAILED:
        break;
    }
    return -1;
}

/* The codec is empty. 1 after the last frame; 0 when more will come, or -1 and error. */
static int end_drain(struct decoder *decoder, struct error *error)
{
    if (!demux_has_all_frames(decoder->demux, decoder->has_held))
        return error_set(error, ERROR_UNREADABLE, "a frame of the chunk is missing");
    if (!decoder->has_held)
        return 1;
    avcodec_flush_buffers(decoder->codec);
    decoder->is_draining = decoder->has_held = false;
    return send_packet(decoder, error);
}

/* Takes the codec's next frame, or sends it a packet. 1 after the last frame, 0 before it, or -1 and error. */
static int step(struct decoder *decoder, AVFrame *frame, struct error *error)
{
    int result = avcodec_receive_frame(decoder->codec, frame);

    if (result == 0)
        return take(decoder, frame, error);
    if (result == AVERROR_EOF)
        return end_drain(decoder, error);
    if (decoder->is_draining || (result != AVERROR(EAGAIN) && !decoder->in_lead))
        return report_packet(decoder, result, error);
    return send_next(decoder, error);
}

/* Ends decoding for the reason in error. The frames that the codec still holds tell whether those that are held back
 * are undamaged. */
static void break_off(struct decoder *decoder, const struct error *error)
{
    struct error ignored;

    if (!frame_gate_is_broken(decoder->gate))
        decoder->fault = *error;
    frame_gate_break(decoder->gate);
    if (decoder->is_draining || drain(decoder, &ignored))
        frame_gate_end(decoder->gate);
}

/* Makes times rise: one that is missing, or not after the one before, becomes the one before plus a duration. */
static void set_times(struct decoder *decoder, AVFrame *frame)
{
    int64_t time = frame->best_effort_timestamp, unit = decoder->unit;
    int64_t duration = packet_scan_duration(&decoder->scan, time), pts = 0;

    if (duration <= 0)
        duration = compat_frame_duration(frame);
    duration = av_sat_add64(duration, unit / 2) / unit;
    if (duration <= 0)
        duration = decoder->nominal;
    if (!decoder->has_frame)
        decoder->origin = time != AV_NOPTS_VALUE ? time : 0;
    else if (time == AV_NOPTS_VALUE || (pts = av_sat_sub64(time, decoder->origin) / unit) <= decoder->last_pts)
        pts = av_sat_add64(decoder->last_pts, duration);
    frame->pts = pts;
    compat_frame_set_duration(frame, duration);
    if (decoder->facts.sample_aspect_ratio.num)
        frame->sample_aspect_ratio = decoder->facts.sample_aspect_ratio;
    decoder->last_pts = pts;
    decoder->has_frame = true;
}

int decoder_next(struct decoder *decoder, AVFrame *frame, int64_t *number, struct error *error)
{
    for (;;) {
        int status;

        switch (frame_gate_next(decoder->gate, frame)) {
        case FRAME_READY:
            *number = demux_frame(decoder->demux, frame->best_effort_timestamp);
            if (*number < 0)
                return error_set(error, ERROR_UNREADABLE, "a frame of the chunk has another time than its packet");
            set_times(decoder, frame);
            return 1;
        case FRAME_END:
            return 0;
        case FRAME_FAILED:
            *error = decoder->fault;
            return -1;
        case FRAME_WAITS:
            break;
        }
        status = step(decoder, frame, error);
        if (status < 0)
            break_off(decoder, error);
        else if (status)
            frame_gate_end(decoder->gate);
    }
}
