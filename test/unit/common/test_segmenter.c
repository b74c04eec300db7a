#include "common/cut/segmenter.h"

#include <libavutil/mathematics.h>

#include "common/av/media.h"
#include "test/unit/unit.h"

enum { PIECES_MAX = 16 };

/* Where the muxer cut: the time of each piece's first packet. */
struct cuts {
    int64_t now; /* milliseconds: of the packet being written */
    int64_t starts[PIECES_MAX];
    int count;
};

static int open_piece(AVFormatContext *muxer, AVIOContext **avio, const char *url, int flags, AVDictionary **options)
{
    struct cuts *cuts = muxer->opaque;

    (void)url;
    (void)flags;
    (void)options;
    assert_true(cuts->count < PIECES_MAX);
    cuts->starts[cuts->count++] = cuts->now;
    *avio = media_avio_alloc(-1, MEDIA_BLOCK_SMALL);
    return *avio ? 0 : AVERROR(ENOMEM);
}

static int close_piece(AVFormatContext *muxer, AVIOContext *avio)
{
    (void)muxer;
    media_avio_close(&avio);
    return 0;
}

static AVFormatContext *begin(struct cuts *cuts)
{
    AVFormatContext *muxer = NULL;
    AVDictionary *options = NULL;
    AVStream *stream;

    assert_true(avformat_alloc_output_context2(&muxer, NULL, "segment", "%d.mp4") >= 0);
    stream = avformat_new_stream(muxer, NULL);
    assert_non_null(stream);
    stream->time_base = (AVRational){1, 1000};
    stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codecpar->codec_id = AV_CODEC_ID_MJPEG;
    stream->codecpar->width = stream->codecpar->height = 16;
    muxer->opaque = cuts;
    muxer->io_open = open_piece;
    muxer->io_close2 = close_piece;
    assert_true(av_dict_set(&options, "segment_time", "2", 0) >= 0);
    assert_true(avformat_write_header(muxer, &options) >= 0);
    av_dict_free(&options);
    return muxer;
}

static void write_key(AVFormatContext *muxer, struct cuts *cuts, int64_t milliseconds)
{
    AVStream *stream = muxer->streams[0];
    AVPacket *packet = av_packet_alloc();

    cuts->now = milliseconds;
    assert_non_null(packet);
    assert_int_equal(av_new_packet(packet, 1), 0);
    packet->data[0] = 0;
    packet->flags |= AV_PKT_FLAG_KEY;
    packet->duration = av_rescale_q(500, (AVRational){1, 1000}, stream->time_base);
    packet->pts = packet->dts = av_rescale_q(milliseconds, (AVRational){1, 1000}, stream->time_base);
    assert_true(av_write_frame(muxer, packet) >= 0);
    av_packet_free(&packet);
}

/* Cuts a video of key packets every half second from first to last into pieces of 2 s. */
static struct cuts cut(int64_t first, int64_t last, bool from_zero)
{
    struct cuts cuts = {.now = first};
    AVFormatContext *muxer = begin(&cuts);

    if (from_zero)
        assert_true(segmenter_count_from_zero(muxer, first, (AVRational){1, 1000}) >= 0);
    for (int64_t time = first; time <= last; time += 500)
        write_key(muxer, &cuts, time);
    assert_true(av_write_trailer(muxer) >= 0);
    avformat_free_context(muxer);
    return cuts;
}

static void assert_starts(const struct cuts *cuts, const int64_t *starts, int count)
{
    assert_int_equal(cuts->count, count);
    for (int i = 0; i < count; i++)
        assert_int_equal(cuts->starts[i], starts[i]);
}

static void the_answer_is_what_the_muxer_does(void **state)
{
    static const int64_t of_zero[] = {1500, 2000, 4000, 6000}, of_first[] = {1500, 3500, 5500};
    struct cuts cuts = cut(1500, 6500, false);
    bool from_first;

    (void)state;
    assert_int_equal(segmenter_from_first(&from_first), 0);
    if (from_first)
        assert_starts(&cuts, of_first, COUNT_OF(of_first));
    else
        assert_starts(&cuts, of_zero, COUNT_OF(of_zero));
}

static void the_answer_stays(void **state)
{
    bool first, second;

    (void)state;
    assert_int_equal(segmenter_from_first(&first), 0);
    second = !first;
    assert_int_equal(segmenter_from_first(&second), 0);
    assert_int_equal(first, second);
}

static void every_muxer_can_count_from_zero(void **state)
{
    static const int64_t starts[] = {1500, 2000, 4000, 6000};
    bool from_first;
    struct cuts cuts;

    (void)state;
    assert_int_equal(segmenter_from_first(&from_first), 0);
    cuts = cut(1500, 6500, from_first);
    assert_starts(&cuts, starts, COUNT_OF(starts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_answer_is_what_the_muxer_does),
                                       cmocka_unit_test(the_answer_stays),
                                       cmocka_unit_test(every_muxer_can_count_from_zero)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
