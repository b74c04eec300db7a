/* Decoders made for a stream, and error words for AVERROR codes. */
#include "common/av/media.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test/unit/unit.h"

/* Number of the write or read that fails with EIO, from 1; 0: none. */
static int failing_write, failing_read;

/* These three replace the C library's. */
off_t lseek(int fd, off_t offset, int whence)
{
    (void)fd;
    (void)offset;
    (void)whence;
    errno = EIO;
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    if (failing_write && !--failing_write) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    if (failing_read && !--failing_read) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, bytes, size, offset);
}

/* A format context (avformat_free_context) that holds one stream of that codec. */
static AVFormatContext *one_stream(enum AVCodecID codec, enum AVPixelFormat pixels)
{
    AVFormatContext *format = avformat_alloc_context();
    AVStream *stream;

    assert_non_null(format);
    stream = avformat_new_stream(format, NULL);
    assert_non_null(stream);
    stream->time_base = (AVRational){1, 12800};
    stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codecpar->codec_id = codec;
    stream->codecpar->format = pixels;
    stream->codecpar->width = 64;
    stream->codecpar->height = 48;
    return format;
}

static void test_a_decoder_knows_the_stream_and_has_one_thread(void **state)
{
    AVFormatContext *format = one_stream(AV_CODEC_ID_RAWVIDEO, AV_PIX_FMT_YUV420P);
    AVCodecContext *decoder;
    struct error error = {0};

    (void)state;
    assert_int_equal(media_decoder_open(&decoder, format->streams[0], "the chunk", &error), 0);
    assert_true(avcodec_is_open(decoder));
    assert_int_equal(decoder->width, 64);
    assert_int_equal(decoder->height, 48);
    assert_int_equal(decoder->pkt_timebase.den, 12800);
    assert_int_equal(decoder->thread_count, 1);
    avcodec_free_context(&decoder);
    avformat_free_context(format);
}

static void test_a_decoder_that_is_not_open_can_still_be_configured(void **state)
{
    AVFormatContext *format = one_stream(AV_CODEC_ID_RAWVIDEO, AV_PIX_FMT_YUV420P);
    AVCodecContext *decoder;

    (void)state;
    assert_int_equal(media_decoder_alloc(&decoder, format->streams[0]), 0);
    assert_false(avcodec_is_open(decoder));
    decoder->max_pixels = 64 * 48 - 1;
    assert_true(avcodec_open2(decoder, NULL, NULL) < 0);
    avcodec_free_context(&decoder);
    avformat_free_context(format);
}

static void test_a_codec_that_nothing_decodes_is_named(void **state)
{
    AVFormatContext *format = one_stream(AV_CODEC_ID_TTF, AV_PIX_FMT_NONE);
    AVCodecContext *decoder;
    struct error error = {0};

    (void)state;
    assert_int_equal(media_decoder_alloc(&decoder, format->streams[0]), AVERROR_DECODER_NOT_FOUND);
    assert_null(decoder);
    assert_int_equal(media_decoder_open(&decoder, format->streams[0], "the chunk", &error), -1);
    assert_null(decoder);
    assert_int_equal(error.word, ERROR_UNREADABLE);
    assert_string_equal(error.message, "there is no decoder for ttf");
    avformat_free_context(format);
}

static void test_a_stream_that_its_decoder_refuses_does_not_decode(void **state)
{
    AVFormatContext *format = one_stream(AV_CODEC_ID_RAWVIDEO, AV_PIX_FMT_NONE);
    AVCodecContext *decoder;
    struct error error = {0};

    (void)state;
    assert_int_equal(media_decoder_open(&decoder, format->streams[0], "the chunk", &error), -1);
    assert_null(decoder);
    assert_int_equal(error.word, ERROR_UNREADABLE);
    assert_memory_equal(error.message, "the chunk does not decode: ", strlen("the chunk does not decode: "));
    avformat_free_context(format);
}

static void test_an_errno_overrides_the_given_word(void **state)
{
    static const struct {
        int code;
        enum error_word word;
    } cases[] = {{AVERROR(ENOSPC), ERROR_DISK_FULL}, {AVERROR(EDQUOT), ERROR_DISK_FULL},
                 {AVERROR(EIO), ERROR_IO},           {AVERROR(EACCES), ERROR_IO},
                 {AVERROR(ENOENT), ERROR_IO},        {AVERROR_INVALIDDATA, ERROR_UNREADABLE},
                 {AVERROR_EOF, ERROR_UNREADABLE},    {AVERROR(EINVAL), ERROR_UNREADABLE}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error = {0};

        assert_int_equal(media_error(&error, ERROR_UNREADABLE, cases[i].code, "cannot read %s", "it"), -1);
        assert_int_equal(error.word, cases[i].word);
        assert_memory_equal(error.message, "cannot read it: ", strlen("cannot read it: "));
    }
}

enum { LONG = 3 * MEDIA_BLOCK_SMALL };

/* Writes LONG bytes 'a', and then "bbb" over the first three, as muxers do with a length. Returns what the end says. */
static int write_and_go_back(int fd)
{
    static char bytes[LONG];
    AVIOContext *avio = media_avio_alloc(fd, MEDIA_BLOCK_SMALL);

    assert_non_null(avio);
    memset(bytes, 'a', sizeof bytes);
    avio_write(avio, (const unsigned char *)bytes, LONG);
    avio_seek(avio, 0, SEEK_SET);
    avio_write(avio, (const unsigned char *)"bbb", 3);
    return media_avio_close(&avio);
}

/* The descriptor's offset, and so a failing lseek(), means nothing. */
static void test_bytes_after_a_seek_are_in_their_place(void **state)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    char bytes[5] = "";

    (void)state;
    assert_int_equal(write_and_go_back(fd), 0);
    assert_int_equal(pread(fd, bytes, 4, 0), 4);
    assert_string_equal(bytes, "bbba");
    assert_int_equal(pread(fd, bytes, 4, LONG - 2), 2);
    close(fd);
}

static void test_each_write_that_fails_is_reported_at_the_end(void **state)
{
    (void)state;
    for (int i = 1; i <= 4; i++) {
        int fd = memfd_create("test", MFD_CLOEXEC);

        failing_write = i;
        assert_int_equal(write_and_go_back(fd), AVERROR(EIO));
        assert_int_equal(failing_write, 0);
        close(fd);
    }
}

static void test_a_read_that_fails_is_reported_at_the_end(void **state)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    unsigned char bytes[LONG];
    AVIOContext *avio;

    (void)state;
    assert_int_equal(write_and_go_back(fd), 0);
    avio = media_avio_alloc_reader(fd);
    assert_int_equal(avio_read(avio, bytes, LONG), LONG);
    assert_int_equal(media_avio_close(&avio), 0);
    failing_read = 1;
    avio = media_avio_alloc_reader(fd);
    assert_true(avio_read(avio, bytes, LONG) < LONG);
    assert_int_equal(media_avio_close(&avio), AVERROR(EIO));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_decoder_knows_the_stream_and_has_one_thread),
        cmocka_unit_test(test_a_decoder_that_is_not_open_can_still_be_configured),
        cmocka_unit_test(test_a_codec_that_nothing_decodes_is_named),
        cmocka_unit_test(test_a_stream_that_its_decoder_refuses_does_not_decode),
        cmocka_unit_test(test_an_errno_overrides_the_given_word),
        cmocka_unit_test(test_bytes_after_a_seek_are_in_their_place),
        cmocka_unit_test(test_each_write_that_fails_is_reported_at_the_end),
        cmocka_unit_test(test_a_read_that_fails_is_reported_at_the_end),
    };

    av_log_set_level(AV_LOG_QUIET);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
