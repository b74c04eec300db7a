#include "th-verify/report/html.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

#include "common/text.h"

enum writer { TEXT, FOREIGN };

static char *written(enum writer writer, const char *text, size_t max)
{
    char *out = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&out, &length);

    assert_non_null(file);
    if (writer == TEXT)
        html_text(file, text, max);
    else
        html_foreign(file, text, max);
    assert_int_equal(fclose(file), 0);
    return out;
}

static void assert_text(const char *text, const char *expected)
{
    char *out = written(TEXT, text, 1000);

    assert_string_equal(out, expected);
    free(out);
}

#define FFFD "\xEF\xBF\xBD"

static void what_means_something_in_html_means_nothing(void **state)
{
    (void)state;
    assert_text("", "");
    assert_text("plain, \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 / 1-2_3",
                "plain, \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 / 1-2_3");
    assert_text("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    assert_text("\"><img src=x onerror=alert(1)>", "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;");
    assert_text("it's & &amp; &#60;", "it&#39;s &amp; &amp;amp; &amp;#60;");
    assert_text("</style><!-- ]]>", "&lt;/style&gt;&lt;!-- ]]&gt;");
}

static void what_cannot_be_seen_is_replaced(void **state)
{
    static const char *const hidden[] = {
        "\x01",         "\x1B",         "\x7F",         "\xC2\x80",         "\xC2\x9F",     "\xC2\xAD",
        "\xD8\x9C",     "\xE2\x80\x8B", "\xE2\x80\x8E", "\xE2\x80\x8F",     "\xE2\x80\xAA", "\xE2\x80\xAE",
        "\xE2\x81\xA6", "\xE2\x81\xA9", "\xEF\xBB\xBF", "\xF3\xA0\x80\xA1", "\xEF\xBF\xBE", "\xF4\x8F\xBF\xBF",
        "\xFF",         "\xC3",         "\x80",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        assert_text(hidden[i], FFFD);
    assert_text("a\xE2\x80\xAEtxt.exe", "a" FFFD "txt.exe");
    assert_text("\xED\xA0\x80", FFFD FFFD FFFD); /* a surrogate */
    assert_text("a\tb\r\nc\xE2\x80\xA8"
                "d",
                "a b  c d");
}

static void joiners_belong_to_the_spelling(void **state)
{
    (void)state;
    /* Persian "I want", and a family of emoji */
    assert_text("\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85",
                "\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE\xD9\x88\xD8\xA7\xD9\x87\xD9\x85");
    assert_text("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7");
}

static void every_byte_and_pair_of_bytes_gives_utf8_without_markup(void **state)
{
    (void)state;
    for (int first = 1; first < 256; first++)
        for (int second = 0; second < 256; second++) {
            char text[] = {(char)first, (char)second, '\0'};
            char *out = written(TEXT, text, 10);

            assert_true(text_is_utf8(out));
            assert_null(strpbrk(out, "<>\"'\n\r\t"));
            free(out);
        }
}

static void long_texts_are_cut(void **state)
{
    char text[10001], *out;

    (void)state;
    memset(text, '<', 10000);
    text[10000] = '\0';
    out = written(TEXT, text, 5);
    assert_string_equal(out, "&lt;&lt;&lt;&lt;&lt;\xE2\x80\xA6");
    free(out);
    out = written(TEXT, "abcde", 5);
    assert_string_equal(out, "abcde");
    free(out);
    out = written(FOREIGN, "\xC3\xA4\xC3\xA4\xC3\xA4", 2);
    assert_string_equal(out, "<bdi>\xC3\xA4\xC3\xA4\xE2\x80\xA6</bdi>");
    free(out);
}

static void only_addresses_of_the_web_become_links(void **state)
{
    static const struct {
        const char *url;
        int is_link;
    } cases[] = {{"https://x.test/?a=1&b='\"<", 1},
                 {"http://x.test/", 1},
                 {"javascript:alert(1)", 0},
                 {"JaVaScRiPt:alert(1)", 0},
                 {" https://x", 0},
                 {"data:text/html,x", 0},
                 {"file:///etc/passwd", 0},
                 {"//x.test/", 0},
                 {"", 0},
                 {NULL, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *out = NULL;
        size_t length = 0;
        FILE *file = open_memstream(&out, &length);

        html_link(file, cases[i].url, "<b>", 10);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(strstr(out, "href=") != NULL, cases[i].is_link);
        assert_non_null(strstr(out, "<bdi>&lt;b&gt;</bdi>"));
        if (i == 0)
            assert_non_null(strstr(out, "href=\"https://x.test/?a=1&amp;b=&#39;&quot;&lt;\">"));
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_means_something_in_html_means_nothing),
        cmocka_unit_test(what_cannot_be_seen_is_replaced),
        cmocka_unit_test(joiners_belong_to_the_spelling),
        cmocka_unit_test(every_byte_and_pair_of_bytes_gives_utf8_without_markup),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(only_addresses_of_the_web_become_links),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
