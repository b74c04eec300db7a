#include "common/stage/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/line.h"
#include "test/unit/scratch.h"
#include "test/unit/unit.h"

/* Reads the next line, which must be available without waiting. */
static enum manifest_result next(struct manifest_reader *reader, struct manifest_line *line, struct error *error)
{
    enum manifest_result result;

    do
        result = manifest_next(reader, line, error);
    while (result == MANIFEST_WAIT);
    return result;
}

static void lines_records_and_errors_are_told_apart(void **state)
{
    static const char text[] = "# a comment\n"
                               "\n"
                               "plain\r\n"
                               "{\"a\": 1}\n"
                               "{\"a\": \n"
                               "[1, 2]\n"
                               "{\"a\": 99999999999999999999}\n"
                               "{\"a\": \"x\0y\"}\n"
                               "{\"a\": 1, \"a\": 2}\n"
                               "{\"a\": \"\xFF\"}\n"
                               "  \t\n"
                               "last";
    static const struct {
        enum manifest_result result;
        long number;
        const char *text; /* of a plain line, or what the error says */
    } expected[] = {{MANIFEST_LINE, 3, "plain"},    {MANIFEST_LINE, 4, NULL},     {MANIFEST_BAD, 5, "JSON"},
                    {MANIFEST_LINE, 6, "[1, 2]"},   {MANIFEST_BAD, 7, "integer"}, {MANIFEST_BAD, 8, "NUL"},
                    {MANIFEST_BAD, 9, "duplicate"}, {MANIFEST_BAD, 10, "0xff"},   {MANIFEST_LINE, 12, "last"},
                    {MANIFEST_END, 0, NULL}};
    char *files[] = {(char *)scratch_file("manifest", text, sizeof text - 1)};
    struct manifest_reader *reader = manifest_reader_alloc(files, 1);
    struct manifest_line line;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(next(reader, &line, &error), expected[i].result);
        if (expected[i].result == MANIFEST_END)
            break;
        assert_string_equal(line.file, files[0]);
        assert_int_equal(line.number, expected[i].number);
        if (expected[i].result == MANIFEST_BAD)
            assert_non_null(strstr(error.message, expected[i].text));
        else if (expected[i].text)
            assert_string_equal(line.text, expected[i].text);
        else
            assert_int_equal(json_integer_value(json_object_get(line.record, "a")), 1);
    }
    manifest_reader_free(&reader);
    assert_null(reader);
}

static void a_byte_order_mark_is_skipped(void **state)
{
    char *files[] = {(char *)scratch_file("marked", "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n", 0)};
    struct manifest_reader *reader = manifest_reader_alloc(files, 1);
    struct manifest_line line;
    struct error error;

    (void)state;
    assert_int_equal(next(reader, &line, &error), MANIFEST_LINE);
    assert_string_equal(line.text, "one");
    assert_int_equal(next(reader, &line, &error), MANIFEST_LINE);
    assert_string_equal(line.text, "\xEF\xBB\xBFtwo");
    manifest_reader_free(&reader);
}

static void a_line_that_is_too_long_is_one_error(void **state)
{
    static const size_t sizes[] = {LINE_BYTES_MAX + 1, 3 * LINE_BYTES_MAX + 17};

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(sizes); i++) {
        bool is_last = i % 2;
        size_t size = sizes[i / 2];
        char *text = malloc(size + 6);
        char *files[1];
        struct manifest_reader *reader;
        struct manifest_line line;
        struct error error;

        memset(text, 'x', size);
        memcpy(text + size, "\nnext\n", 6);
        files[0] = (char *)scratch_file("long", text, is_last ? size : size + 6);
        reader = manifest_reader_alloc(files, 1);
        assert_int_equal(next(reader, &line, &error), MANIFEST_BAD);
        assert_int_equal(line.number, 1);
        assert_non_null(strstr(error.message, "longer"));
        if (!is_last) {
            assert_int_equal(next(reader, &line, &error), MANIFEST_LINE);
            assert_int_equal(line.number, 2);
            assert_string_equal(line.text, "next");
        }
        assert_int_equal(next(reader, &line, &error), MANIFEST_END);
        manifest_reader_free(&reader);
        free(text);
    }
}

static void a_missing_file_does_not_stop_the_next_one(void **state)
{
    char missing[512];
    char *files[2] = {missing, NULL};
    struct manifest_reader *reader;
    struct manifest_line line;
    struct error error;

    (void)state;
    strcpy(missing, scratch_path("missing"));
    files[1] = (char *)scratch_file("there", "one\n", 0);
    reader = manifest_reader_alloc(files, 2);
    assert_int_equal(next(reader, &line, &error), MANIFEST_BAD);
    assert_int_equal(line.number, 0);
    assert_int_equal(error.word, ERROR_IO);
    assert_non_null(strstr(error.message, "missing"));
    assert_int_equal(next(reader, &line, &error), MANIFEST_LINE);
    assert_string_equal(line.text, "one");
    assert_int_equal(next(reader, &line, &error), MANIFEST_END);
    manifest_reader_free(&reader);
}

static void a_web_page_is_one_error(void **state)
{
    char *files[] = {(char *)scratch_file("page", "\n\n<!DOCTYPE html>\n<title>Not found</title>\n", 0)};
    struct manifest_reader *reader = manifest_reader_alloc(files, 1);
    struct manifest_line line;
    struct error error;

    (void)state;
    assert_int_equal(next(reader, &line, &error), MANIFEST_BAD);
    assert_int_equal(line.number, 0);
    assert_non_null(strstr(error.message, "page is a web page"));
    assert_int_equal(next(reader, &line, &error), MANIFEST_END);
    manifest_reader_free(&reader);
}

/* A video causes one error, not one per line. */
static void a_binary_file_is_one_error(void **state)
{
    static const char mp4[] = "\0\0\0\040ftypisom\n\n\none\ntwo\n";
    char video[512];
    char *files[2] = {video, NULL};
    struct manifest_reader *reader;
    struct manifest_line line;
    struct error error;

    (void)state;
    strcpy(video, scratch_file("video", mp4, sizeof mp4 - 1));
    files[1] = (char *)scratch_file("there", "\tone\n", 0);
    reader = manifest_reader_alloc(files, 2);
    assert_int_equal(next(reader, &line, &error), MANIFEST_BAD);
    assert_int_equal(line.number, 0);
    assert_int_equal(error.word, ERROR_IO);
    assert_non_null(strstr(error.message, "video is no text"));
    assert_int_equal(next(reader, &line, &error), MANIFEST_LINE);
    assert_string_equal(line.text, "\tone");
    assert_int_equal(next(reader, &line, &error), MANIFEST_END);
    manifest_reader_free(&reader);
}

static void a_pipe_is_read_as_it_fills(void **state)
{
    struct manifest_reader *reader;
    struct manifest_line line;
    struct error error;
    int ends[2], kept = dup(STDIN_FILENO);

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    reader = manifest_reader_alloc(NULL, 0);
    assert_int_equal(manifest_next(reader, &line, &error), MANIFEST_WAIT);
    assert_int_equal(manifest_reader_fd(reader), STDIN_FILENO);
    assert_false(manifest_reader_buffered(reader));
    assert_int_equal(write(ends[1], "one\ntw", 6), 6);
    assert_int_equal(manifest_next(reader, &line, &error), MANIFEST_LINE);
    assert_string_equal(line.file, "stdin");
    assert_string_equal(line.text, "one");
    assert_int_equal(manifest_next(reader, &line, &error), MANIFEST_WAIT);
    assert_int_equal(write(ends[1], "o\nthree\n", 8), 8);
    assert_int_equal(manifest_next(reader, &line, &error), MANIFEST_LINE);
    assert_string_equal(line.text, "two");
    assert_true(manifest_reader_buffered(reader));
    assert_int_equal(manifest_next(reader, &line, &error), MANIFEST_LINE);
    assert_string_equal(line.text, "three");
    close(ends[1]);
    assert_int_equal(next(reader, &line, &error), MANIFEST_END);
    manifest_reader_free(&reader);
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(ends[0]);
}

static void records_are_written_whole(void **state)
{
    json_t *record = json_pack("{s:s, s:i}", "title", "caf\xC3\xA9 \"x\"\n", "n", 5);
    char buffer[256] = "";
    struct error error;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(manifest_write(ends[1], -1, record, &error), WRITE_DONE);
    assert_true(read(ends[0], buffer, sizeof buffer - 1) > 0);
    assert_string_equal(buffer, "{\"title\": \"caf\xC3\xA9 \\\"x\\\"\\n\", \"n\": 5}\n");
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(manifest_write(ends[1], -1, record, &error), WRITE_FAILED);
    assert_string_equal(error.message, "stdout was closed by its reader");
    close(ends[1]);
    json_decref(record);
}

static void a_signal_is_noticed_while_the_pipe_is_full(void **state)
{
    json_t *record = json_pack("{s:s}", "a", "b");
    int ends[2], stop[2];
    struct error error;
    char zero = 0;

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(pipe(stop), 0);
    while (write(ends[1], &zero, 1) == 1)
        ;
    assert_int_equal(write(stop[1], &zero, 1), 1);
    assert_int_equal(manifest_write(ends[1], stop[0], record, &error), WRITE_STOPPED);
    json_decref(record);
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(stop[i]);
    }
}

static void a_full_disk_is_reported(void **state)
{
    json_t *record = json_pack("{s:s}", "a", "b");
    int full = open("/dev/full", O_WRONLY);
    struct error error;

    (void)state;
    assert_true(full >= 0);
    assert_int_equal(manifest_write(full, -1, record, &error), WRITE_FAILED);
    assert_int_equal(error.word, ERROR_DISK_FULL);
    close(full);
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_records_and_errors_are_told_apart),
                                       cmocka_unit_test(a_byte_order_mark_is_skipped),
                                       cmocka_unit_test(a_line_that_is_too_long_is_one_error),
                                       cmocka_unit_test(a_pipe_is_read_as_it_fills),
                                       cmocka_unit_test(a_missing_file_does_not_stop_the_next_one),
                                       cmocka_unit_test(a_binary_file_is_one_error),
                                       cmocka_unit_test(a_web_page_is_one_error),
                                       cmocka_unit_test(records_are_written_whole),
                                       cmocka_unit_test(a_signal_is_noticed_while_the_pipe_is_full),
                                       cmocka_unit_test(a_full_disk_is_reported)};

    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
