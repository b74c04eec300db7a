/* Reading the packets of a chunk. */
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

#include <libavutil/log.h>
#include <string.h>

#include "common/cut/chunk_reader.h"

enum { PACKETS = 60, GROUP = 12, SOUND = 4 }; /* key frames stand GROUP apart */

/* Packet number of the video: its times are those of B-frames, its bytes say its number. */
static void write_video(AVFormatContext *muxer, AVPacket *packet, int number)
{
    assert_int_equal(av_new_packet(packet, 20 + number), 0);
    memset(packet->data, number, (size_t)packet->size);
    packet->stream_index = 1;
    packet->dts = number * 512;
    packet->pts = packet->dts + (number % 3 == 1 ? 1536 : 512);
    packet->duration = 512;
    packet->flags = number % GROUP == 0 ? AV_PKT_FLAG_KEY : 0;
    assert_int_equal(av_interleaved_write_frame(muxer, packet), 0);
}

static void write_sound(AVFormatContext *muxer, AVPacket *packet, int number)
{
    assert_int_equal(av_new_packet(packet, 100), 0);
    memset(packet->data, 0, 100);
    packet->stream_index = 0;
    packet->pts = packet->dts = number * 512 * SOUND;
    packet->duration = 512 * SOUND;
    packet->flags = AV_PKT_FLAG_KEY;
    assert_int_equal(av_interleaved_write_frame(muxer, packet), 0);
}

static void add_streams(AVFormatContext *muxer)
{
    AVStream *sound = avformat_new_stream(muxer, NULL), *video = avformat_new_stream(muxer, NULL);

    assert_non_null(sound);
    assert_non_null(video);
    sound->time_base = video->time_base = (AVRational){1, 12800};
    video->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    video->codecpar->codec_id = AV_CODEC_ID_MPEG4;
    video->codecpar->width = 64;
    video->codecpar->height = 48;
    sound->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
    sound->codecpar->codec_id = strcmp(muxer->oformat->name, "mp4") ? AV_CODEC_ID_MP3 : AV_CODEC_ID_AAC;
    sound->codecpar->sample_rate = 16000;
    av_channel_layout_default(&sound->codecpar->ch_layout, 1);
}

/* A file of PACKETS packets of video, as its second stream, and of sound. */
static void make(const char *path)
{
    AVFormatContext *muxer;
    AVPacket *packet = av_packet_alloc();

    assert_non_null(packet);
    assert_true(avformat_alloc_output_context2(&muxer, NULL, NULL, path) >= 0);
    add_streams(muxer);
    assert_true(avio_open(&muxer->pb, path, AVIO_FLAG_WRITE) >= 0);
    assert_true(avformat_write_header(muxer, NULL) >= 0);
    for (int i = 0; i < PACKETS; i++) {
        write_video(muxer, packet, i);
        if (i % SOUND == 0)
            write_sound(muxer, packet, i / SOUND);
    }
    assert_int_equal(av_write_trailer(muxer), 0);
    avio_closep(&muxer->pb);
    avformat_free_context(muxer);
    av_packet_free(&packet);
}

static struct chunk_reader *open_chunk(const char *path)
{
    struct chunk_reader *reader;
    struct error error;

    assert_int_equal(chunk_reader_open(&reader, path, &error), 0);
    return reader;
}

/* The next packet must be number of the video. */
static void expect(struct chunk_reader *reader, int number)
{
    AVPacket *packet = av_packet_alloc();
    struct error error;

    assert_int_equal(chunk_reader_packets(reader), number);
    assert_int_equal(chunk_reader_next(reader, packet, &error), 1);
    assert_int_equal(packet->stream_index, chunk_reader_video(reader)->index);
    assert_int_equal(packet->size, 20 + number);
    assert_int_equal(packet->data[0], number);
    assert_int_equal(!!(packet->flags & AV_PKT_FLAG_KEY), number % GROUP == 0);
    av_packet_free(&packet);
}

static void expect_end(struct chunk_reader *reader)
{
    AVPacket *packet = av_packet_alloc();
    struct error error;

    assert_int_equal(chunk_reader_next(reader, packet, &error), 0);
    av_packet_free(&packet);
}

static void all_packets_come_in_their_order(void **state)
{
    const char *path = scratch_path("a.mp4");
    struct chunk_reader *reader;

    (void)state;
    make(path);
    reader = open_chunk(path);
    for (int i = 0; i < PACKETS; i++)
        expect(reader, i);
    expect_end(reader);
    chunk_reader_close(&reader);
    assert_null(reader);
}

static void other_streams_come_when_they_are_asked_for(void **state)
{
    const char *path = scratch_path("c.mp4");
    AVPacket *packet = av_packet_alloc();
    struct chunk_reader *reader;
    struct error error;
    int counts[2] = {0}, status;

    (void)state;
    make(path);
    reader = open_chunk(path);
    chunk_reader_add_stream(reader, 0);
    chunk_reader_add_stream(reader, 7);
    while ((status = chunk_reader_next(reader, packet, &error)) > 0) {
        counts[packet->stream_index]++;
        av_packet_unref(packet);
    }
    assert_int_equal(status, 0);
    assert_int_equal(counts[0], PACKETS / SOUND);
    assert_int_equal(counts[1], PACKETS);
    chunk_reader_close(&reader);
    av_packet_free(&packet);
}

static void what_is_not_there_is_an_error(void **state)
{
    struct chunk_reader *reader;
    struct error error;

    (void)state;
    assert_int_equal(chunk_reader_open(&reader, "/nonexistent.mp4", &error), -1);
    assert_int_equal(error.word, ERROR_IO);
    assert_null(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_packets_come_in_their_order),
        cmocka_unit_test(other_streams_come_when_they_are_asked_for),
        cmocka_unit_test(what_is_not_there_is_an_error),
    };

    av_log_set_level(AV_LOG_QUIET);
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
