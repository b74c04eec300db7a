#include "common/cut/timing.h"

#include <libavcodec/avcodec.h>

#include "test/unit/unit.h"

static const int64_t NONE = AV_NOPTS_VALUE;

/* An input of one stream with ticks of 1/1000 s, 25 frames a second. */
static AVFormatContext *input_of(enum AVMediaType type, const char *format)
{
    AVFormatContext *input = avformat_alloc_context();
    AVStream *stream = avformat_new_stream(input, NULL);

    input->iformat = av_find_input_format(format);
    input->start_time = 0;
    stream->time_base = (AVRational){1, 1000};
    stream->pts_wrap_bits = 33;
    stream->codecpar->codec_type = type;
    if (type == AVMEDIA_TYPE_VIDEO)
        stream->avg_frame_rate = (AVRational){25, 1};
    return input;
}

/* A packet as read and as expected; out.dts NONE: it must be dropped. */
struct step {
    struct {
        int64_t pts, dts, duration;
    } in;
    struct {
        int64_t pts, dts;
    } out;
};

static void assert_steps(const AVFormatContext *input, AVRational output, const struct step *steps, size_t count)
{
    struct timing *timing = timing_alloc(input);
    AVPacket *packet = av_packet_alloc();

    timing_set_output(timing, 0, output);
    for (size_t i = 0; i < count; i++) {
        bool is_key = steps[i].out.dts != NONE;

        packet->stream_index = 0;
        packet->pts = steps[i].in.pts;
        packet->dts = steps[i].in.dts;
        packet->duration = steps[i].in.duration;
        packet->flags = is_key ? AV_PKT_FLAG_KEY : 0;
        assert_int_equal(timing_apply(timing, packet), is_key);
        if (!is_key)
            continue;
        assert_int_equal(packet->dts, steps[i].out.dts);
        assert_int_equal(packet->pts, steps[i].out.pts);
    }
    av_packet_free(&packet);
    timing_free(&timing);
    assert_null(timing);
}

static void times_begin_at_0_in_the_outputs_ticks(void **state)
{
    static const struct step steps[] = {
        {{7300, 7220, 40}, {0, -2000}}, {{7420, 7260, 40}, {3000, -1000}}, {{7340, 7300, 40}, {1000, 0}}};
    AVFormatContext *input = input_of(AVMEDIA_TYPE_VIDEO, "matroska");

    (void)state;
    input->start_time = 7300000;
    assert_steps(input, (AVRational){1, 25000}, steps, COUNT_OF(steps));
    avformat_free_context(input);
}

static void nothing_before_the_first_key_packet(void **state)
{
    static const struct step steps[] = {
        {{0, 0, 40}, {0, NONE}}, {{40, 40, 40}, {0, NONE}}, {{80, 80, 40}, {80, 80}}, {{120, 120, 40}, {120, 120}}};
    AVFormatContext *input = input_of(AVMEDIA_TYPE_VIDEO, "matroska");

    (void)state;
    assert_steps(input, (AVRational){1, 1000}, steps, COUNT_OF(steps));
    avformat_free_context(input);
}

static void a_missing_dts_follows_from_the_packets_before(void **state)
{
    /* One frame of reordering: the first dts lies a frame before the first pts. */
    static const struct step steps[] = {
        {{80, NONE, 40}, {80, 40}}, {{160, NONE, 0}, {160, 80}}, {{120, NONE, 40}, {120, 120}}};
    AVFormatContext *input = input_of(AVMEDIA_TYPE_VIDEO, "matroska");

    (void)state;
    input->streams[0]->codecpar->video_delay = 1;
    assert_steps(input, (AVRational){1, 1000}, steps, COUNT_OF(steps));
    avformat_free_context(input);
}

static void dts_grows_and_stays_at_most_pts(void **state)
{
    static const struct step ties[] = {{{0, 0, 1}, {0, 0}}, {{1, 0, 1}, {1, 1}}, {{0, 0, 1}, {2, 2}}};
    /* dts > pts: both become the median of pts, dts and the lowest allowed dts. */
    static const struct step next[] = {{{10, 10, 1}, {10, 10}}, {{5, 8, 1}, {11, 11}}};
    static const struct step pts[] = {{{10, 10, 1}, {10, 10}}, {{20, 30, 1}, {20, 20}}};
    static const struct step dts[] = {{{10, 10, 1}, {10, 10}}, {{9, 15, 1}, {11, 11}}};
    AVFormatContext *input = input_of(AVMEDIA_TYPE_VIDEO, "matroska");

    (void)state;
    assert_steps(input, (AVRational){1, 1000}, ties, COUNT_OF(ties));
    assert_steps(input, (AVRational){1, 1000}, next, COUNT_OF(next));
    assert_steps(input, (AVRational){1, 1000}, pts, COUNT_OF(pts));
    assert_steps(input, (AVRational){1, 1000}, dts, COUNT_OF(dts));
    avformat_free_context(input);
}

static void sound_is_counted_in_samples(void **state)
{
    /* 1024 samples at 48 kHz are 21.33 ms, rounded to a millisecond in the time base. */
    static const struct step steps[] = {{{0, 0, 21}, {0, 0}},
                                        {{21, 21, 21}, {1024, 1024}},
                                        {{43, 43, 21}, {2048, 2048}},
                                        {{64, 64, 21}, {3072, 3072}},
                                        {{300, 300, 21}, {14400, 14400}}};
    AVFormatContext *input = input_of(AVMEDIA_TYPE_AUDIO, "matroska");

    (void)state;
    input->streams[0]->codecpar->codec_id = AV_CODEC_ID_AAC;
    input->streams[0]->codecpar->sample_rate = 48000;
    input->streams[0]->codecpar->frame_size = 1024;
    assert_steps(input, (AVRational){1, 48000}, steps, COUNT_OF(steps));
    avformat_free_context(input);
}

static void discontinuities_are_closed_where_the_format_allows_them(void **state)
{
    static const struct step steps[] = {
        {{0, 0, 40}, {0, 0}},
        {{40, 40, 40}, {40, 40}},
        {{60080, 60080, 40}, {80, 80}},    /* a minute ahead */
        {{60120, 60120, 40}, {120, 120}},  /* and continues there */
        {{200, 200, 40}, {160, 160}},      /* back again */
        {{9000, 9000, 40}, {8960, 8960}}}; /* less than ten seconds is no discontinuity */
    AVFormatContext *leaping = input_of(AVMEDIA_TYPE_VIDEO, "mpegts");

    (void)state;
    assert_steps(leaping, (AVRational){1, 1000}, steps, COUNT_OF(steps));
    avformat_free_context(leaping);
}

static void in_other_formats_a_gap_stays_and_a_huge_time_is_dropped(void **state)
{
    static const struct step steps[] = {{{0, 0, 40}, {0, 0}},
                                        {{60000, 60000, 40}, {60000, 60000}},
                                        {{400000000, 400000000, 40}, {NONE, 60040}}, /* 110 hours ahead */
                                        {{60080, 60080, 40}, {60080, 60080}}};
    AVFormatContext *input = input_of(AVMEDIA_TYPE_VIDEO, "matroska");

    (void)state;
    assert_steps(input, (AVRational){1, 1000}, steps, COUNT_OF(steps));
    avformat_free_context(input);
}

static void a_wrapped_counter_is_unwrapped(void **state)
{
    /* 33 bits: the start is a second before the wrap, and the first packet a second before the start. */
    static const struct step steps[] = {{{INT64_C(8589932592), INT64_C(8589932592), 40}, {0, 0}}};
    static const struct step before[] = {{{INT64_C(8589933592), INT64_C(8589933592), 40}, {-1000, -1000}}};
    AVFormatContext *input = input_of(AVMEDIA_TYPE_VIDEO, "matroska");

    (void)state;
    input->start_time = INT64_C(8589932592000);
    assert_steps(input, (AVRational){1, 1000}, steps, 1);
    input->start_time = 0; /* the demuxer unwrapped the start only */
    assert_steps(input, (AVRational){1, 1000}, before, 1);
    avformat_free_context(input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(times_begin_at_0_in_the_outputs_ticks),
                                       cmocka_unit_test(nothing_before_the_first_key_packet),
                                       cmocka_unit_test(a_missing_dts_follows_from_the_packets_before),
                                       cmocka_unit_test(dts_grows_and_stays_at_most_pts),
                                       cmocka_unit_test(sound_is_counted_in_samples),
                                       cmocka_unit_test(discontinuities_are_closed_where_the_format_allows_them),
                                       cmocka_unit_test(in_other_formats_a_gap_stays_and_a_huge_time_is_dropped),
                                       cmocka_unit_test(a_wrapped_counter_is_unwrapped)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
