#include "th-fetch/source/messages.h"

#include <string.h>

#include "test/unit/unit.h"

static void errors(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {NULL, ""},
        {"", ""},
        {"\n\r\n", ""},
        {"one\ntwo\n", "two"},
        {"one\n  two", "two"},
        {"ERROR: first\nERROR:\tsecond\nafter\n", "second"},
        {"WARNING: x\nERROR:\n", ""},
        {"Traceback (most recent call last):\n  File \"x\"\nImportError: no\r\n", "ImportError: no"},
        {"a\001b\n", "a?b"},
        {"0123456789012345678901234567890123456789\n", "0123456789012345678901234567890"},
    };
    char out[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        messages_error(cases[i].text, out, sizeof out);
        if (strcmp(out, cases[i].error) != 0)
            fail_msg("row %zu: '%s'", i, out);
    }
}

/* The warnings of text, joined by "|". */
static const char *joined(const char *text)
{
    static char out[8192];
    json_t *warnings = messages_warnings(text), *warning;
    size_t index;

    out[0] = '\0';
    json_array_foreach(warnings, index, warning)
    {
        size_t length = strlen(out);

        snprintf(out + length, sizeof out - length, "%s%s", index ? "|" : "", json_string_value(warning));
    }
    json_decref(warnings);
    return out;
}

static void warnings(void **state)
{
    static char many[100 * 12 + 1], longest[1000] = "WARNING: ";

    (void)state;
    assert_string_equal(joined(NULL), "");
    assert_string_equal(joined("ERROR: x\nnoise\n"), "");
    assert_string_equal(joined("WARNING: [youtube] a: one\nnoise\nWARNING: two\r\n   more of two\nWARNING:"),
                        "[youtube] a: one|two|");
    assert_string_equal(joined("WARNING: \033[31mred\n"), "?[31mred");
    for (int i = 0; i < 100; i++)
        memcpy(many + i * 12, "WARNING: ab\n", 12);
    assert_int_equal(strlen(joined(many)), 16 * 3 - 1);
    memset(longest + 9, 'a', sizeof longest - 10);
    assert_int_equal(strlen(joined(longest)), 399);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors), cmocka_unit_test(warnings)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
