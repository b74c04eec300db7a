#include "common/text.h"

#include <string.h>

#include "test/unit/unit.h"

static void characters(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"", 1},
        {"\xC3\xA9", 2},         /* e acute */
        {"\xE2\x82\xAC", 3},     /* euro sign */
        {"\xF0\x9F\x98\x80", 4}, /* an emoji */
        {"\x80", 0},             /* a continuation byte alone */
        {"\xC0\xAF", 0},         /* overlong "/" */
        {"\xE0\x80\xAF", 0},     /* overlong "/" */
        {"\xF0\x80\x80\xAF", 0}, /* overlong "/" */
        {"\xED\xA0\x80", 0},     /* a surrogate */
        {"\xF4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xC3", 0},             /* cut off */
        {"\xE2\x82", 0},         /* cut off */
        {"\xFF", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(text_character(cases[i].text), cases[i].length);
    assert_true(text_is_utf8("caf\xC3\xA9"));
    assert_false(text_is_utf8("caf\xC3"));
}

static void one_line_has_no_control_character(void **state)
{
    (void)state;
    assert_true(text_is_one_line(""));
    assert_true(text_is_one_line("a \"b\" caf\xC3\xA9 \xFF"));
    assert_false(text_is_one_line("a\r\nX-Header: b"));
    assert_false(text_is_one_line("a\tb"));
    assert_false(text_is_one_line("a\x7F"));
}

static void text_becomes_one_plain_line(void **state)
{
    static const struct {
        const char *given, *plain;
    } cases[] = {
        {"as it is", "as it is"},
        {"caf\xC3\xA9", "caf\xC3\xA9"},
        {"two\nlines\r", "two?lines?"},
        {"\033[31mred", "?[31mred"},
        {"\x7F", "?"},
        {"\xC2\x9B"
         "31m",
         "?31m"}, /* the C1 form of the escape */
        {"a\xFFz", "a?z"},
        {"cut\xE2\x82", "cut"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[64];

        strcpy(text, cases[i].given);
        text_make_plain(text);
        assert_string_equal(text, cases[i].plain);
    }
}

static void a_web_page_is_known_by_its_first_bytes(void **state)
{
    static const char *const pages[] = {"<!DOCTYPE html>\n<html>", "\n\n  <HTML lang=en>", "<?xml version=\"1.0\"?>",
                                        "\xEF\xBB\xBF<!doctype html>", "<!-- x -->"};
    static const char *const lists[] = {"", "\n", "-7TMJtnhiPM\n", "# <html>\nid\n", "a <html>", "<a.mp4\n", "<"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        if (!text_is_web_page(pages[i]))
            fail_msg("no page: %s", pages[i]);
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (text_is_web_page(lists[i]))
            fail_msg("a page: %s", lists[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters), cmocka_unit_test(one_line_has_no_control_character),
        cmocka_unit_test(a_web_page_is_known_by_its_first_bytes), cmocka_unit_test(text_becomes_one_plain_line)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
