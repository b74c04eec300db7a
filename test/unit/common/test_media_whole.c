#include "common/av/media_whole.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/unit/scratch.h"
#include "test/unit/unit.h"

/* Checks a file of these bytes. 0 when it passes. */
static int check(const char *bytes, size_t size)
{
    struct error error = {0};
    int fd = open(scratch_file("v", bytes, size), O_RDONLY);
    int status;

    assert_true(fd >= 0);
    status = media_whole_check_boxes(fd, (int64_t)size, &error);
    close(fd);
    assert_int_equal(status, error.word == ERROR_UNREADABLE ? -1 : 0);
    return status;
}

/* A literal without its last NUL. */
#define BYTES(literal) (literal), sizeof(literal) - 1

#define FTYP                                                                                                           \
    "\0\0\0\x0c"                                                                                                       \
    "ftypisom"

static void whole_files_pass_and_each_cut_within_a_box_is_noticed(void **state)
{
    static const struct {
        const char *bytes;
        size_t size, after; /* a cut after this many bytes is within the last box */
    } samples[] = {
        {BYTES(FTYP "\0\0\0\x10mdat12345678"), 20},
        {BYTES(FTYP "\0\0\0\x01mdat\0\0\0\0\0\0\0\x18"
                    "12345678"),
         28},
        {BYTES("\x1A\x45\xDF\xA3\x82xx\x18\x53\x80\x67\x88"
               "12345678"),
         12},
        {BYTES("\x1A\x45\xDF\xA3\x40\x02xx\x18\x53\x80\x67\x01\0\0\0\0\0\0\x08"
               "12345678"),
         20},
        /* Unknown sizes of segment and cluster, as in streamed files. */
        {BYTES("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff\x1F\x43\xB6\x75\xff\xA3\x84"
               "1234"),
         24},
        {BYTES("RIFF\x0c\0\0\0AVI 12345678"), 12},
        {BYTES("FLV\1\5\0\0\0\x09\0\0\0\0\x09\0\0\x03\0\0\0\0\0\0\0abc"), 15},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        assert_int_equal(check(samples[i].bytes, samples[i].size), 0);
        for (size_t cut = samples[i].after; cut < samples[i].size; cut++)
            assert_int_equal(check(samples[i].bytes, cut), -1);
    }
}

static void unknown_sizes_and_non_boxes_pass(void **state)
{
    (void)state;
    assert_int_equal(check(BYTES(FTYP "\0\0\0\0mdat123")), 0);         /* up to the end of the file */
    assert_int_equal(check(BYTES(FTYP "\x7f\xff\xff\xffgarbage")), 0); /* bytes after the last box */
    assert_int_equal(check(BYTES(FTYP "\0\0\0\x04mdat")), 0);
    assert_int_equal(check(BYTES(FTYP "\0\0")), 0);
    assert_int_equal(check(BYTES("<!DOCTYPE html><html></html>")), 0);
    assert_int_equal(check(BYTES("x")), 0);
    assert_int_equal(check(BYTES("\x1A\x45\xDF\xA3")), 0);
    assert_int_equal(check(BYTES("\x1A\x45\xDF\xA3\x80\0\0\0\0\0\0\0\0\0\0")), 0);
    assert_int_equal(check(BYTES("RIFF\xff\xff\xff\xff"
                                 "AVI 1234")),
                     0); /* a size that was never filled in */
    assert_int_equal(check(BYTES("RIFF\xff\0\0\0WAVE1234")), 0);
}

static void huge_sizes_are_noticed(void **state)
{
    (void)state;
    assert_int_equal(check(BYTES(FTYP "\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xff")), -1);
    assert_int_equal(check(BYTES(FTYP "\0\0\0\1mdat\x7f\xff\xff\xff\xff\xff\xff\xff")), -1);
    assert_int_equal(check(BYTES("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xfe")), -1);
}

/* Checks a file of that format and size whose index has one entry. 0 when it passes. */
static int check_entry(const char *demuxer, int64_t pos, int size, int64_t file_size)
{
    AVFormatContext *format = avformat_alloc_context();
    AVStream *stream = avformat_new_stream(format, NULL);
    struct error error = {0};
    int status;

    assert_non_null(stream);
    format->iformat = av_find_input_format(demuxer);
    assert_non_null(format->iformat);
    assert_int_equal(av_add_index_entry(stream, pos, 0, abs(size), 0, AVINDEX_KEYFRAME), 0);
    /* A damaged size becomes negative in mov's index. */
    if (size < 0)
        ((AVIndexEntry *)avformat_index_get_entry(stream, 0))->size = -1;
    status = media_whole_check_index(format, file_size, &error);
    assert_int_equal(status, error.word == ERROR_UNREADABLE ? -1 : 0);
    format->iformat = NULL;
    avformat_free_context(format);
    return status;
}

static void packets_end_within_the_file(void **state)
{
    (void)state;
    assert_int_equal(check_entry("mov", 100, 50, 150), 0);
    assert_int_equal(check_entry("mov", 100, 50, 149), -1);
    assert_int_equal(check_entry("mov", INT64_MAX - 5, 50, 1000), -1);
    assert_int_equal(check_entry("mov", INT64_MAX - 5, -50, 1000), -1);
    assert_int_equal(check_entry("mov", 100, -50, 1000), -1);
    /* pos is that of the header, "00dc" and four bytes length; size is that of the data. */
    assert_int_equal(check_entry("avi", 100, 50, 158), 0);
    assert_int_equal(check_entry("avi", 100, 50, 157), -1);
    /* pos is that of a cluster; the index has no size for it. */
    assert_int_equal(check_entry("matroska", 100, 0, 101), 0);
    assert_int_equal(check_entry("matroska", 100, 0, 100), -1);
    /* Positions in such indexes are often out of date. */
    assert_int_equal(check_entry("flv", 1000, 50, 100), 0);
    assert_int_equal(check_entry("mpegts", 1000, 50, 100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_files_pass_and_each_cut_within_a_box_is_noticed),
                                       cmocka_unit_test(unknown_sizes_and_non_boxes_pass),
                                       cmocka_unit_test(huge_sizes_are_noticed),
                                       cmocka_unit_test(packets_end_within_the_file)};

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
