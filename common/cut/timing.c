#include "common/cut/timing.h"

#include <libavcodec/avcodec.h>
#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>
#include <stdlib.h>

#include "common/av/compat.h"

/* Microseconds. In formats whose times may be discontinuous (MPEG-TS) a larger difference than DELTA_THRESHOLD is a
 * discontinuity. In others a time that differs by more than ERROR_THRESHOLD is dropped. */
static const int64_t DELTA_THRESHOLD = INT64_C(10) * AV_TIME_BASE;
static const int64_t ERROR_THRESHOLD = INT64_C(3600) * 30 * AV_TIME_BASE;

struct stream_timing {
    const AVStream *stream;
    AVRational output;     /* time base */
    bool has_begun;        /* a packet was read */
    bool is_copied;        /* a packet was passed on */
    bool is_unwrapped;     /* the counter has passed its wrap */
    int64_t dts, next_dts; /* microseconds: of this packet and, as expected, of the next one; AV_NOPTS_VALUE at first */
    int64_t rescaled;      /* state of av_rescale_delta */
    int64_t last_dts;      /* in `output`; AV_NOPTS_VALUE at first */
};

struct timing {
    const AVFormatContext *input;
    int64_t offset;  /* microseconds, added to all times */
    int64_t last_ts; /* microseconds: dts of the previous packet of any stream */
    bool allows_discontinuity;
    unsigned count;
    struct stream_timing streams[];
};

struct timing *timing_alloc(const AVFormatContext *input)
{
    struct timing *timing = calloc(1, sizeof *timing + input->nb_streams * sizeof *timing->streams);

    if (!timing)
        return NULL;
    timing->input = input;
    timing->offset = input->start_time == AV_NOPTS_VALUE ? 0 : -input->start_time;
    timing->allows_discontinuity = input->iformat && input->iformat->flags & AVFMT_TS_DISCONT;
    timing->count = input->nb_streams;
    for (unsigned i = 0; i < timing->count; i++)
        timing->streams[i] = (struct stream_timing){.stream = input->streams[i],
                                                    .output = input->streams[i]->time_base,
                                                    .next_dts = AV_NOPTS_VALUE,
                                                    .rescaled = AV_NOPTS_VALUE,
                                                    .last_dts = AV_NOPTS_VALUE};
    return timing;
}

void timing_free(struct timing **timing)
{
    free(*timing);
    *timing = NULL;
}

void timing_set_output(struct timing *timing, int index, AVRational time_base)
{
    timing->streams[index].output = time_base;
}

static int64_t to_us(int64_t time, AVRational time_base)
{
    return av_rescale_q(time, time_base, AV_TIME_BASE_Q);
}

static void shift_packet(AVPacket *packet, int64_t by)
{
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts = av_sat_add64(packet->dts, by);
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts = av_sat_add64(packet->pts, by);
}

static bool is_sound_or_picture(const AVStream *stream)
{
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO || stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

/* In formats with discontinuities the container can start before all streams that are copied. */
static void correct_start(struct timing *timing)
{
    const AVFormatContext *input = timing->input;
    int64_t start = INT64_MAX;

    for (unsigned i = 0; i < timing->count; i++) {
        const AVStream *stream = input->streams[i];

        if (stream->discard != AVDISCARD_ALL && stream->start_time != AV_NOPTS_VALUE)
            start = FFMIN(start, to_us(stream->start_time, stream->time_base));
    }
    if (start != INT64_MAX && start > input->start_time)
        timing->offset = av_sat_sub64(0, start);
}

/* Undoes the counter's wrap in packets that are more than half its range after the start. */
static void undo_wrap(struct timing *timing, struct stream_timing *s, AVPacket *packet)
{
    int bits = s->stream->pts_wrap_bits;
    int64_t start, late;

    if (s->is_unwrapped || timing->input->start_time == AV_NOPTS_VALUE || bits < 1 || bits >= 63)
        return;
    if (s->next_dts == AV_NOPTS_VALUE && timing->offset == av_sat_sub64(0, timing->input->start_time) &&
        timing->allows_discontinuity)
        correct_start(timing);
    start = av_rescale_q(timing->input->start_time, AV_TIME_BASE_Q, s->stream->time_base);
    late = av_sat_add64(start, INT64_C(1) << (bits - 1));
    s->is_unwrapped = true;
    if (packet->dts != AV_NOPTS_VALUE && packet->dts > late) {
        packet->dts -= INT64_C(1) << bits;
        s->is_unwrapped = false;
    }
    if (packet->pts != AV_NOPTS_VALUE && packet->pts > late) {
        packet->pts -= INT64_C(1) << bits;
        s->is_unwrapped = false;
    }
}

/* Moves this packet and all that follow by -delta microseconds. */
static void close_gap(struct timing *timing, const struct stream_timing *s, AVPacket *packet, int64_t delta)
{
    timing->offset = av_sat_sub64(timing->offset, delta);
    shift_packet(packet, av_sat_sub64(0, av_rescale_q(delta, AV_TIME_BASE_Q, s->stream->time_base)));
}

static bool is_beyond(int64_t delta, int64_t limit)
{
    return delta < -limit || delta > limit;
}

static void fix_discontinuity(struct timing *timing, struct stream_timing *s, AVPacket *packet)
{
    AVRational base = s->stream->time_base;
    int64_t delta;

    if (!is_sound_or_picture(s->stream) || packet->dts == AV_NOPTS_VALUE)
        return;
    if (s->next_dts == AV_NOPTS_VALUE) {
        delta = av_sat_sub64(to_us(packet->dts, base), timing->last_ts);
        if (timing->allows_discontinuity && is_beyond(delta, DELTA_THRESHOLD))
            close_gap(timing, s, packet, delta);
        return;
    }
    delta = av_sat_sub64(to_us(packet->dts, base), s->next_dts);
    if (timing->allows_discontinuity) {
        if (is_beyond(delta, DELTA_THRESHOLD) || av_sat_add64(to_us(packet->dts, base), AV_TIME_BASE / 10) < s->dts)
            close_gap(timing, s, packet, delta);
        return;
    }
    if (is_beyond(delta, ERROR_THRESHOLD))
        packet->dts = AV_NOPTS_VALUE;
    if (packet->pts != AV_NOPTS_VALUE &&
        is_beyond(av_sat_sub64(to_us(packet->pts, base), s->next_dts), ERROR_THRESHOLD))
        packet->pts = AV_NOPTS_VALUE;
}

/* Duration of a packet in microseconds; 0 when unknown. */
static int64_t expected_duration(const struct stream_timing *s, const AVPacket *packet)
{
    const AVCodecParameters *codec = s->stream->codecpar;
    AVRational rate = s->stream->avg_frame_rate;

    if (codec->codec_type == AVMEDIA_TYPE_AUDIO && codec->sample_rate)
        return (int64_t)AV_TIME_BASE * codec->frame_size / codec->sample_rate;
    if (!is_sound_or_picture(s->stream))
        return 0;
    if (packet->duration || codec->codec_type == AVMEDIA_TYPE_AUDIO)
        return to_us(packet->duration, s->stream->time_base);
    if (rate.num) {
        const AVCodecParserContext *parser = av_stream_get_parser(s->stream);

        return (int64_t)AV_TIME_BASE * rate.den * (parser ? parser->repeat_pict + 1 : 1) / rate.num;
    }
    return 0;
}

/* Tracks the stream's dts, for packets without one. */
static void follow_dts(struct stream_timing *s, const AVPacket *packet)
{
    AVRational rate = s->stream->avg_frame_rate;

    if (!s->has_begun) {
        s->dts = rate.num ? (int64_t)(-s->stream->codecpar->video_delay * AV_TIME_BASE / av_q2d(rate)) : 0;
        if (packet->pts != AV_NOPTS_VALUE)
            s->dts = av_sat_add64(s->dts, to_us(packet->pts, s->stream->time_base));
        s->has_begun = true;
    }
    if (s->next_dts == AV_NOPTS_VALUE)
        s->next_dts = s->dts;
    if (packet->dts != AV_NOPTS_VALUE)
        s->next_dts = to_us(packet->dts, s->stream->time_base);
    s->dts = s->next_dts;
    s->next_dts = av_sat_add64(s->next_dts, expected_duration(s, packet));
}

/* Converts to the output's time base. Audio is counted in samples, so that rounding makes no gaps. */
static void rescale_packet(struct stream_timing *s, AVPacket *packet)
{
    AVRational base = s->stream->time_base;
    AVCodecParameters *codec = s->stream->codecpar;

    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts = av_rescale_q(packet->pts, base, s->output);
    if (packet->dts == AV_NOPTS_VALUE && COMPAT_DTS_ROUNDS_TO_SOURCE)
        packet->dts = av_rescale_q(s->dts, AV_TIME_BASE_Q, base);
    if (packet->dts == AV_NOPTS_VALUE) {
        packet->dts = av_rescale_q(s->dts, AV_TIME_BASE_Q, s->output);
    } else if (codec->codec_type == AVMEDIA_TYPE_AUDIO && codec->sample_rate > 0) {
        int samples = av_get_audio_frame_duration2(codec, packet->size);

        packet->dts = av_rescale_delta(base, packet->dts, (AVRational){1, codec->sample_rate},
                                       samples ? samples : codec->frame_size, &s->rescaled, s->output);
        packet->pts = packet->dts;
    } else {
        packet->dts = av_rescale_q(packet->dts, base, s->output);
    }
    packet->duration = av_rescale_q(packet->duration, base, s->output);
    packet->time_base = s->output;
}

/* The middle one of three numbers. */
static int64_t median(int64_t a, int64_t b, int64_t c)
{
    return FFMAX(FFMIN(a, b), FFMIN(FFMAX(a, b), c));
}

/* Muxers require dts <= pts and growing dts. */
static void make_monotonous(struct stream_timing *s, AVPacket *packet)
{
    int64_t least = av_sat_add64(s->last_dts, 1);

    if (packet->pts != AV_NOPTS_VALUE && packet->dts > packet->pts)
        packet->pts = packet->dts = median(packet->pts, packet->dts, least);
    if (s->last_dts != AV_NOPTS_VALUE && packet->dts < least &&
        (is_sound_or_picture(s->stream) || s->stream->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE)) {
        if (packet->pts >= packet->dts)
            packet->pts = FFMAX(packet->pts, least);
        packet->dts = least;
    }
    s->last_dts = packet->dts;
}

bool timing_apply(struct timing *timing, AVPacket *packet)
{
    struct stream_timing *s = &timing->streams[packet->stream_index];

    undo_wrap(timing, s, packet);
    shift_packet(packet, av_rescale_q(timing->offset, AV_TIME_BASE_Q, s->stream->time_base));
    fix_discontinuity(timing, s, packet);
    if (packet->dts != AV_NOPTS_VALUE)
        timing->last_ts = to_us(packet->dts, s->stream->time_base);
    follow_dts(s, packet);
    if (!s->is_copied && !(packet->flags & AV_PKT_FLAG_KEY))
        return false;
    s->is_copied = true;
    rescale_packet(s, packet);
    make_monotonous(s, packet);
    return true;
}
