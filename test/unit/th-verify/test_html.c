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

static void counts_have_commas(void **state)
{
    (void)state;
    assert_string_equal(html_count(0).text, "0");
    assert_string_equal(html_count(999).text, "999");
    assert_string_equal(html_count(1000).text, "1,000");
    assert_string_equal(html_count(123456).text, "123,456");
    assert_string_equal(html_count(1234567).text, "1,234,567");
    assert_string_equal(html_count(INT64_MAX).text, "9,223,372,036,854,775,807");
}

static void short_counts_have_a_unit(void **state)
{
    (void)state;
    assert_string_equal(html_short(999).text, "999");
    assert_string_equal(html_short(1234).text, "1.2k");
    assert_string_equal(html_short(5000).text, "5k");
    assert_string_equal(html_short(5001).text, "5.0k");
    assert_string_equal(html_short(146392).text, "146k");
    assert_string_equal(html_short(999499).text, "999k");
    assert_string_equal(html_short(999500).text, "1.0M");
    assert_string_equal(html_short(12000000).text, "12M");
}

static void bytes(void **state)
{
    (void)state;
    assert_string_equal(html_bytes(0).text, "0 bytes");
    assert_string_equal(html_bytes(1).text, "1 byte");
    assert_string_equal(html_bytes(999).text, "999 bytes");
    assert_string_equal(html_bytes(1000).text, "1.0 kB");
    assert_string_equal(html_bytes(999960).text, "1.0 MB");
    assert_string_equal(html_bytes(84296004000).text, "84.3 GB");
    assert_string_equal(html_bytes(INT64_MAX).text, "9223.4 PB");
}

static void durations(void **state)
{
    (void)state;
    assert_string_equal(html_duration(0).text, "0.0 s");
    assert_string_equal(html_duration(59.9).text, "59.9 s");
    assert_string_equal(html_duration(59.97).text, "1 min 0 s");
    assert_string_equal(html_duration(239.05).text, "3 min 59 s");
    assert_string_equal(html_duration(3599.4).text, "59 min 59 s");
    assert_string_equal(html_duration(3599.7).text, "1.0 h");
    assert_string_equal(html_duration(1875136.5).text, "520.9 h");
}

static void shares_never_hide_the_rest(void **state)
{
    (void)state;
    assert_string_equal(html_share(0, 0).text, "0%");
    assert_string_equal(html_share(0, 5).text, "0%");
    assert_string_equal(html_share(5, 5).text, "100%");
    assert_string_equal(html_share(1, 500000).text, "under 0.1%");
    assert_string_equal(html_share(499999, 500000).text, "over 99.9%");
    assert_string_equal(html_share(4, 7).text, "57%");
    assert_string_equal(html_share(199, 200).text, "99.5%");
    assert_string_equal(html_share(3, 100).text, "3.0%");
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
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(short_counts_have_a_unit),
        cmocka_unit_test(bytes),
        cmocka_unit_test(durations),
        cmocka_unit_test(shares_never_hide_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
