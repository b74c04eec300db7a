#include "th-fetch/input.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

#define WATCH "https://www.youtube.com/watch?v="

static int read_text(struct fetch_input *input, const char *text, const char *url_template, struct error *error)
{
    return fetch_input_read(input, &(struct manifest_line){.text = text}, url_template, false, error);
}

/* A record of th-fetch with that key and url (NULL: none). */
static int read_record(struct fetch_input *input, const char *key, const char *status, const char *url,
                       const char *url_template, bool is_recheck, struct error *error)
{
    json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s*}", "stage", "fetch", "kind", "video", "key", key, "status",
                               status, "url", url);
    int result;

    assert_non_null(record);
    result = fetch_input_read(input, &(struct manifest_line){.record = record}, url_template, is_recheck, error);
    json_decref(record);
    return result;
}

static void lines(void **state)
{
    static const struct {
        const char *line, *id, *url;
    } cases[] = {
        {"dQw4w9WgXcQ", "dQw4w9WgXcQ", WATCH "dQw4w9WgXcQ"},
        {"-7TMJtnhiPM", "-7TMJtnhiPM", WATCH "-7TMJtnhiPM"},
        {"--Y9imYnfBw", "--Y9imYnfBw", WATCH "--Y9imYnfBw"},
        {"d_7s4huYOD4", "d_7s4huYOD4", WATCH "d_7s4huYOD4"},
        {"  abc \t", "abc", WATCH "abc"},
        {"a b", "a b", WATCH "a%20b"},
        {"a&b=c#d?e%", "a&b=c#d?e%", WATCH "a%26b%3Dc%23d%3Fe%25"},
        {"caf\xC3\xA9", "caf\xC3\xA9", WATCH "caf%C3%A9"},
        {"--exec=rm", "--exec=rm", WATCH "--exec%3Drm"},
        {"$(id)", "$(id)", WATCH "%24%28id%29"},
        {"https://vimeo.com/12345", "12345", NULL},
        {"https://example.org/watch?v=abc", "abc", NULL},
        {"https://notyoutube.com/shorts/abc", "abc", NULL},
        {"https://youtube.com.example.org/live/abc", "abc", NULL},
        {"https://example.org/a/b/video.mp4", "video", NULL},
        {"https://example.org/a/b/video.mp4?v=2", "video", NULL},
        {"https://example.org/my%20video.webm", "my video", NULL},
        {"https://example.org/v1.2.mp4", "v1.2", NULL},
        {"https://example.org/name.longextension", "name.longextension", NULL},
        {"HTTPS://EXAMPLE.org/x.mp4", "x", NULL},
        {"file:///data/raw/x.mp4", "x", NULL},
        {"file:///data/raw/--x.mp4", "--x", NULL},
    };
    struct fetch_input input;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(read_text(&input, cases[i].line, NULL, &error), 0);
        assert_string_equal(input.id, cases[i].id);
        assert_string_equal(input.url, cases[i].url ? cases[i].url : cases[i].line);
        assert_int_equal(input.is_direct, strncmp(cases[i].line, "file:", 5) == 0);
        fetch_input_clear(&input);
    }
}

static void all_forms_of_a_youtube_address_are_one_page(void **state)
{
    static const char *const cases[] = {
        "https://www.youtube.com/watch?v=-7TMJtnhi_M",
        "http://youtube.com/watch?v=-7TMJtnhi_M",
        "HTTPS://WWW.YOUTUBE.COM/watch?v=-7TMJtnhi_M",
        "https://www.youtube.com/watch?list=PLx&v=-7TMJtnhi_M&t=5s&pp=ygU%3D",
        "https://www.youtube.com/watch?v=%2D7TMJtnhi%5FM",
        "https://www.youtube.com/watch/?v=-7TMJtnhi_M",
        "https://www.youtube.com/?v=-7TMJtnhi_M",
        "https://m.youtube.com/watch?v=-7TMJtnhi_M#t=1",
        "https://music.youtube.com/watch?v=-7TMJtnhi_M&list=RDx",
        "https://www.youtube.com/shorts/-7TMJtnhi_M",
        "https://www.youtube.com/shorts/-7TMJtnhi_M/?feature=share",
        "https://youtube.com/live/-7TMJtnhi_M?si=abc&t=10",
        "https://www.youtube.com/embed/-7TMJtnhi_M?start=5",
        "https://www.youtube-nocookie.com/embed/-7TMJtnhi_M",
        "https://youtube-nocookie.com/v/-7TMJtnhi_M",
        "https://www.youtube.com/v/-7TMJtnhi_M&hl=en&fs=1",
        "https://www.youtube.com/e/-7TMJtnhi_M",
        "https://youtu.be/-7TMJtnhi_M",
        "http://www.youtu.be/-7TMJtnhi_M/",
        "https://youtu.be/-7TMJtnhi_M?si=abcdef&t=10",
    };
    struct fetch_input input;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (read_text(&input, cases[i], NULL, &error) != 0)
            fail_msg("%s: %s", cases[i], error.message);
        if (strcmp(input.id, "-7TMJtnhi_M") != 0 || strcmp(input.url, WATCH "-7TMJtnhi_M") != 0)
            fail_msg("%s: %s, %s", cases[i], input.id, input.url);
        fetch_input_clear(&input);
    }
}

static void lines_that_name_no_video(void **state)
{
    static const char *const cases[] = {
        "..",
        "../../x",
        "a/b",
        "/etc/passwd",
        ".hidden",
        "a\001b",
        "a\x7F",
        "\xFF\xFE",
        "ftp://example.org/x.mp4",
        "javascript://x/y",
        "gopher://example.org/x",
        "http://",
        "https:///x.mp4",
        "https://example.org",
        "https://example.org/",
        "https://www.youtube.com/watch",
        "https://www.youtube.com/watch?v=",
        "https://www.youtube.com/watch?list=x",
        "https://www.youtube.com/playlist?list=x",
        "https://www.youtube.com/embed/videoseries?list=x",
        "https://www.youtube.com/embed/live_stream?channel=x",
        "https://www.youtube.com/embed/",
        "https://www.youtube.com/shorts",
        "https://www.youtube.com/@name",
        "https://www.youtube.com/channel/UCx",
        "https://www.youtube.com/",
        "https://youtu.be/",
        "https://www.youtube.com/watch?v=..%2Fx",
        "https://example.org/..%2f..%2fx.mp4",
        "https://example.org/a%00b.mp4",
        "https://example.org/a%0Ab.mp4",
        "https://example.org/%2e%2e",
        "https://example.org/a b.mp4",
        "https://example.org/a\r\nX-Header: 1",
        "https://example.org/.mp4",
    };
    char longest[10001];
    struct fetch_input input;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (read_text(&input, cases[i], NULL, &error) != -1)
            fail_msg("%s became %s", cases[i], input.id);
        assert_int_equal(error.word, ERROR_BAD_ID);
        assert_null(input.id);
    }
    memset(longest, 'a', 10000);
    longest[10000] = '\0';
    assert_int_equal(read_text(&input, longest, NULL, &error), -1);
    memcpy(longest, "https://x/", 10);
    assert_int_equal(read_text(&input, longest, NULL, &error), -1);
}

static void templates(void **state)
{
    static const struct {
        const char *line, *url_template, *url;
    } cases[] = {
        {"abc", "https://m/{id}.mp4", "https://m/abc.mp4"},
        {"--Y9", "https://m/{id}.mp4", "https://m/--Y9.mp4"},
        {"a/../b", "https://m/{id}.mp4", NULL},
        {"a?b#c&d", "https://m/{id}.mp4", "https://m/a%3Fb%23c%26d.mp4"},
        {"a b", "file:///d/{id}.mp4", "file:///d/a%20b.mp4"},
        {"%2e", "https://m/{id}", "https://m/%252e"},
        {"x", "https://m/{id}/{id}.mp4?n={id}", "https://m/x/x.mp4?n=x"},
        {"{id}", "https://m/{id}", "https://m/%7Bid%7D"},
        {"https://www.youtube.com/watch?v=abc", "https://m/{id}.mp4", "https://m/abc.mp4"},
        {"file:///etc/abc.mp4", "https://m/{id}.mp4", "https://m/abc.mp4"},
    };
    struct fetch_input input;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int result = read_text(&input, cases[i].line, cases[i].url_template, &error);

        assert_int_equal(result, cases[i].url ? 0 : -1);
        if (!cases[i].url)
            continue;
        assert_string_equal(input.url, cases[i].url);
        assert_true(input.is_direct);
        fetch_input_clear(&input);
    }
}

static void templates_are_checked(void **state)
{
    static const char *const good[] = {"https://m/{id}", "http://m:8000/a/{id}.mp4", "file:///x/{id}.mp4",
                                       "https://m/?v={id}"};
    static const char *const bad[] = {
        "https://m/x.mp4",    "",           "{id}",          "/data/{id}.mp4", "ftp://m/{id}",
        "https://m/a b/{id}", "https:{id}", "https://m/{ID}"};
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_int_equal(fetch_input_check_template(good[i], &error), 0);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(fetch_input_check_template(bad[i], &error), -1);
}

static void records(void **state)
{
    static const struct {
        const char *key, *record_url, *url_template, *url;
        bool direct;
    } cases[] = {
        {"abc", NULL, NULL, WATCH "abc", false},
        {"abc", "https://vimeo.com/1", NULL, "https://vimeo.com/1", false},
        {"abc", "https://vimeo.com/1", "https://m/{id}", "https://m/abc", true},
        {"abc", "file:///d/abc.mp4", NULL, "file:///d/abc.mp4", true},
        {"abc", "--exec=rm", NULL, WATCH "abc", false},
        {"abc", "ftp://x/y", NULL, WATCH "abc", false},
        {"abc", "https://x/\r\ny", NULL, WATCH "abc", false},
        {"--a", "", NULL, WATCH "--a", false},
    };
    struct fetch_input input;
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(
            read_record(&input, cases[i].key, "failed", cases[i].record_url, cases[i].url_template, false, &error), 0);
        assert_string_equal(input.id, cases[i].key);
        assert_string_equal(input.url, cases[i].url);
        assert_int_equal(input.is_direct, cases[i].direct);
        fetch_input_clear(&input);
    }
    assert_int_equal(read_record(&input, "../x", "failed", NULL, NULL, false, &error), -1);
}

/* Records that are ok are passed on, unless they are to be checked; those of other stages always. */
static void records_are_passed_on(void **state)
{
    struct manifest_line other = {.record = json_pack("{s:s, s:s, s:s, s:s}", "stage", "split", "kind", "chunk", "key",
                                                      "abc_0000", "status", "failed")};
    struct fetch_input input;
    struct error error;

    (void)state;
    assert_int_equal(read_record(&input, "abc", "ok", NULL, NULL, false, &error), 0);
    assert_int_equal(input.intent, FETCH_INPUT_PASS_ON);
    assert_string_equal(input.id, "abc");
    fetch_input_clear(&input);
    assert_int_equal(read_record(&input, "abc", "ok", NULL, NULL, true, &error), 0);
    assert_int_equal(input.intent, FETCH_INPUT_GET);
    assert_true(input.was_here);
    fetch_input_clear(&input);
    assert_int_equal(read_record(&input, "abc", "skipped", NULL, NULL, false, &error), 0);
    assert_int_equal(input.intent, FETCH_INPUT_GET);
    assert_false(input.was_here);
    fetch_input_clear(&input);
    assert_int_equal(fetch_input_read(&input, &other, NULL, true, &error), 0);
    assert_int_equal(input.intent, FETCH_INPUT_PASS_ON);
    assert_null(input.id);
    json_decref(other.record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(all_forms_of_a_youtube_address_are_one_page),
        cmocka_unit_test(lines_that_name_no_video),
        cmocka_unit_test(templates),
        cmocka_unit_test(templates_are_checked),
        cmocka_unit_test(records),
        cmocka_unit_test(records_are_passed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
