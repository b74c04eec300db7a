#include "th-fetch/source/answer.h"

#include <string.h>

#include "test/unit/unit.h"

/* Reads text (with ' for ") as a trimmed answer, as a resolver's output is read. */
static int read_answer(struct answer **answer, const char *text, struct error *error)
{
    char json_text[4096];
    size_t length = strlen(text);

    assert_true(length < sizeof json_text);
    for (size_t i = 0; i <= length; i++)
        json_text[i] = text[i];
    for (char *at = json_text; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *json = json_loads(json_text, 0, NULL);
    assert_non_null(json);
    json_t *trimmed = answer_trim(json);
    int result = answer_read(answer, trimmed, error);
    json_decref(trimmed);
    json_decref(json);
    return result;
}

static void a_single_format(void **state)
{
    struct answer *answer;
    struct error error;

    (void)state;
    assert_int_equal(read_answer(&answer,
                                 "{'id': 'x', '_type': 'video', 'url': 'https://h/v?a=b', 'protocol': 'https',"
                                 " 'format_id': '137', 'filesize': 5000, 'filesize_approx': 7, 'title': 'T \\u00e9', "
                                 "'uploader': 'U\\n\\u009b', 'license': 'CC',"
                                 " 'upload_date': '20200229', 'formats': [{'url': 'x'}],"
                                 " 'http_headers': {'User-Agent': 'UA', 'Accept': '*/*'},"
                                 " 'downloader_options': {'http_chunk_size': 10485760}}",
                                 &error),
                     0);
    assert_string_equal(answer->media.url, "https://h/v?a=b");
    assert_string_equal(answer->media.format, "137");
    assert_string_equal(answer->media.headers[0], "User-Agent: UA");
    assert_string_equal(answer->media.headers[1], "Accept: */*");
    assert_null(answer->media.headers[2]);
    assert_int_equal(answer->media.piece, 10485760);
    assert_int_equal(answer->media.size, 5000);
    assert_string_equal(answer->title, "T \xC3\xA9");
    assert_string_equal(answer->uploader, "U??");
    assert_string_equal(answer->license, "CC");
    assert_string_equal(answer->upload_date, "20200229");
    assert_null(answer->path);
    assert_null(json_object_get(answer->json, "formats"));
    answer_free(&answer);
    assert_null(answer);
    answer_free(&answer);
}

static void two_formats(void **state)
{
    struct answer *answer;
    struct error error;

    (void)state;
    assert_int_equal(read_answer(&answer,
                                 "{'format_id': '140+137', 'requested_formats': ["
                                 "{'url': 'https://h/a', 'vcodec': 'none', 'format_id': '140'},"
                                 "{'url': 'https://h/v', 'vcodec': 'avc1.64', 'format_id': '137',"
                                 " 'http_headers': {'X': 'y'}}]}",
                                 &error),
                     0);
    assert_string_equal(answer->media.url, "https://h/v");
    assert_string_equal(answer->media.format, "137");
    assert_string_equal(answer->media.headers[0], "X: y");
    answer_free(&answer);
}

/* Unix times; the sound's counts only when it is downloaded. */
static void when_it_is_available(void **state)
{
    static const struct {
        const char *json;
        double alone, with_sound;
    } cases[] = {
        {"{'url': 'https://h/v'}", 0, 0},
        {"{'url': 'https://h/v', 'available_at': 1764000000}", 1764000000, 1764000000},
        {"{'url': 'https://h/v', 'available_at': 1764000000.5}", 1764000000.5, 1764000000.5},
        {"{'url': 'https://h/v', 'available_at': null}", 0, 0},
        {"{'url': 'https://h/v', 'available_at': 'soon'}", 0, 0},
        {"{'url': 'https://h/v', 'available_at': -5}", 0, 0},
        {"{'requested_formats': [{'url': 'https://h/v', 'vcodec': 'avc1', 'available_at': 7},"
         " {'url': 'https://h/a', 'vcodec': 'none', 'acodec': 'mp4a', 'available_at': 9}]}",
         7, 9},
        {"{'requested_formats': [{'url': 'https://h/v', 'vcodec': 'avc1', 'available_at': 9},"
         " {'url': 'https://h/a', 'vcodec': 'none', 'acodec': 'mp4a', 'available_at': 7}]}",
         9, 9},
        {"{'available_at': 8, 'requested_formats': [{'url': 'https://h/v', 'vcodec': 'avc1', 'available_at': 7}]}", 8,
         8},
        {"{'path': '/tmp/x.mp4', 'available_at': 9}", 0, 0},
    };
    struct answer *answer;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(read_answer(&answer, cases[i].json, &error), 0);
        if (answer->available_at != cases[i].alone)
            fail_msg("%s: %f", cases[i].json, answer->available_at);
        assert_int_equal(answer_read_audio(answer, &error), 0);
        if (answer->available_at != cases[i].with_sound)
            fail_msg("%s: with sound %f", cases[i].json, answer->available_at);
        answer_free(&answer);
    }
}

static void a_file_of_its_own(void **state)
{
    struct answer *answer;
    struct error error;

    (void)state;
    assert_int_equal(read_answer(&answer, "{'path': '/tmp/x.mp4', 'title': 'T'}", &error), 0);
    assert_string_equal(answer->path, "/tmp/x.mp4");
    assert_string_equal(answer->title, "T");
    assert_null(answer->media.url);
    answer_free(&answer);
}

static void a_format_says_that_it_is_silent(void **state)
{
    static const struct {
        const char *json;
        bool is_silent;
    } cases[] = {
        {"{'url': 'https://h/v', 'acodec': 'none'}", true},
        {"{'url': 'https://h/v', 'acodec': 'mp4a'}", false},
        {"{'url': 'https://h/v'}", false},
        {"{'acodec': 'mp4a', 'requested_formats': [{'url': 'https://h/v', 'vcodec': 'avc1', 'acodec': 'none'}]}", true},
    };
    struct answer *answer;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(read_answer(&answer, cases[i].json, &error), 0);
        if (answer->media.is_silent != cases[i].is_silent)
            fail_msg("%s", cases[i].json);
        answer_free(&answer);
    }
}

static void formats_in_segments(void **state)
{
    struct answer *answer;
    struct error error = {0};

    (void)state;
    assert_int_equal(read_answer(&answer,
                                 "{'requested_formats': [{'url': 'https://h/a', 'vcodec': 'none', 'acodec': 'aac',"
                                 " 'protocol': 'm3u8_native', 'format_id': 'a'}, {'vcodec': 'avc1', 'height': 720,"
                                 " 'protocol': 'http_dash_segments', 'format_id': 'v'}]}",
                                 &error),
                     0);
    assert_null(answer->media.url);
    assert_string_equal(answer->media.segments, "http_dash_segments");
    assert_string_equal(answer->media.format, "v");
    assert_int_equal(answer->media.height, 720);
    assert_int_equal(answer_check_plain(answer, &error), -1);
    assert_int_equal(error.word, ERROR_NO_FORMAT);
    assert_int_equal(answer_read_audio(answer, &error), 0);
    assert_string_equal(answer->audio.segments, "m3u8_native");
    assert_string_equal(answer->audio.format, "a");
    answer_free(&answer);
    assert_int_equal(read_answer(&answer, "{'url': 'https://h/v', 'format_id': '136-sr'}", &error), 0);
    assert_int_equal(answer_check_plain(answer, &error), 0);
    assert_true(answer_is_upscaled(answer));
    answer_free(&answer);
}

static void what_is_refused(void **state)
{
    static const struct {
        const char *json;
        enum error_word word;
    } cases[] = {
        {"[]", ERROR_RESOLVER},
        {"{}", ERROR_RESOLVER},
        {"{'url': 5}", ERROR_RESOLVER},
        {"{'url': null}", ERROR_RESOLVER},
        {"{'url': ''}", ERROR_RESOLVER},
        {"{'url': ['https://h/v']}", ERROR_RESOLVER},
        {"{'url': {'a': 1}}", ERROR_RESOLVER},
        {"{'url': true}", ERROR_RESOLVER},
        {"{'url': 'https://h/v w'}", ERROR_RESOLVER},
        {"{'url': 'https://h/v\\r\\nX: y'}", ERROR_RESOLVER},
        {"{'url': 'https://h/v\\u007f'}", ERROR_RESOLVER},
        {"{'url': 'file:///etc/passwd'}", ERROR_NO_FORMAT},
        {"{'url': '/etc/passwd'}", ERROR_NO_FORMAT},
        {"{'url': 'ftp://h/v'}", ERROR_NO_FORMAT},
        {"{'url': '-o/etc/x'}", ERROR_NO_FORMAT},
        {"{'url': 'https:h'}", ERROR_NO_FORMAT},
        {"{'url': 'rtmp://h/v', 'protocol': 'rtmp'}", ERROR_NO_FORMAT},
        {"{'url': 'https://h/v', 'protocol': 'm3u8_native'}", ERROR_NO_FORMAT},
        {"{'url': 'https://h/v', 'protocol': 'http_dash_segments'}", ERROR_NO_FORMAT},
        {"{'url': 'https://h/v', 'has_drm': true}", ERROR_NO_FORMAT},
        {"{'url': 'https://h/v', 'http_headers': ['X: y']}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': 'X: y'}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'X': 5}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'X': null}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'X': 'a\\r\\nY: b'}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'X': 'a\\nY: b'}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'X\\r\\nY': 'a'}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'X: y': 'a'}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'': 'a'}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'X Y': 'a'}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'http_headers': {'@file': 'a'}}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', '_type': 'playlist'}", ERROR_NO_FORMAT},
        {"{'_type': 'playlist', 'entries': [{'url': 'https://h/v'}]}", ERROR_NO_FORMAT},
        {"{'url': 'https://h/v', 'live_status': 'is_live'}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'live_status': 'is_upcoming'}", ERROR_RESOLVER},
        {"{'url': 'https://h/v', 'live_status': 'post_live'}", ERROR_RESOLVER},
        {"{'requested_formats': []}", ERROR_NO_FORMAT},
        {"{'requested_formats': [5, null, 'x', []]}", ERROR_NO_FORMAT},
        {"{'requested_formats': [{'url': 'https://h/a', 'vcodec': 'none'}]}", ERROR_NO_FORMAT},
        {"{'requested_formats': [{'requested_formats': [{'url': 'https://h/a'}]}]}", ERROR_RESOLVER},
        {"{'path': 5}", ERROR_RESOLVER},
        {"{'path': ''}", ERROR_RESOLVER},
        {"{'path': null, 'url': 'https://h/v'}", ERROR_RESOLVER},
    };
    struct answer *answer;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(read_answer(&answer, cases[i].json, &error), -1);
        assert_string_equal(error_word_name(error.word), error_word_name(cases[i].word));
        assert_null(answer);
    }
}

/* Descriptive members that are not valid are left out. */
static void what_is_left_out(void **state)
{
    static const char *const cases[] = {
        "{'url': 'http://h/v', 'title': 5, 'uploader': [], 'license': {}, 'upload_date': 20200101}",
        "{'url': 'http://h/v', 'title': '', 'uploader': null, 'license': true, 'upload_date': '2020-01-01'}",
        "{'url': 'http://h/v', 'upload_date': '2020010', 'format_id': 137}",
        "{'url': 'http://h/v', 'downloader_options': 5, 'http_headers': null}",
        "{'url': 'http://h/v', 'downloader_options': {'http_chunk_size': -1}}",
        "{'url': 'http://h/v', 'downloader_options': {'http_chunk_size': 0}}",
        "{'url': 'http://h/v', 'downloader_options': {'http_chunk_size': 1}}",
        "{'url': 'http://h/v', 'downloader_options': {'http_chunk_size': 1e300}}",
        "{'url': 'http://h/v', 'downloader_options': {'http_chunk_size': 9223372036854775807}}",
        "{'url': 'http://h/v', 'downloader_options': {'http_chunk_size': '10485760'}}",
        "{'url': 'http://h/v', 'http_headers': {}}",
        "{'url': 'http://h/v', 'http_headers': {'Empty': ''}}",
        "{'url': 'http://h/v', 'http_headers': {'Range': 'bytes=0-1', 'If-Range': 'x', 'Host': 'x'}}",
        "{'url': 'http://h/v', 'http_headers': {'accept-encoding': 'gzip', 'Transfer-Encoding': 'chunked'}}",
        "{'url': 'http://h/v', 'http_headers': {'Content-Length': '5', 'Connection': 'close', 'TE': 'x'}}",
    };
    struct answer *answer;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(read_answer(&answer, cases[i], &error), 0);
        assert_null(answer->title);
        assert_null(answer->uploader);
        assert_null(answer->license);
        assert_null(answer->upload_date);
        assert_null(answer->media.format);
        assert_int_equal(answer->media.piece, 0);
        assert_null(answer->media.headers[0]);
        answer_free(&answer);
    }
}

static void long_texts(void **state)
{
    struct answer *answer;
    struct error error;
    size_t length = 100000;
    char *text = test_malloc(length + 1);

    (void)state;
    memset(text, 'a', length);
    text[length] = '\0';
    json_t *json = json_pack("{s:s, s:s}", "url", "https://h/v", "title", text);
    assert_int_equal(answer_read(&answer, json, &error), 0);
    assert_null(answer->title);
    answer_free(&answer);
    json_decref(json);
    json = json_pack("{s:s, s:{s:s}}", "url", "https://h/v", "http_headers", "X", text);
    assert_int_equal(answer_read(&answer, json, &error), -1);
    json_decref(json);
    memcpy(text, "https://h/", 10);
    json = json_pack("{s:s}", "url", text);
    assert_int_equal(answer_read(&answer, json, &error), -1);
    json_decref(json);
    test_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_format),      cmocka_unit_test(two_formats),
        cmocka_unit_test(a_file_of_its_own),    cmocka_unit_test(what_is_refused),
        cmocka_unit_test(what_is_left_out),     cmocka_unit_test(long_texts),
        cmocka_unit_test(when_it_is_available), cmocka_unit_test(a_format_says_that_it_is_silent),
        cmocka_unit_test(formats_in_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
