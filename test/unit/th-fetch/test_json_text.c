#include "th-fetch/source/json_text.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

/* Each text is a value; out is that value as JSON, NULL when it is refused. */
static void what_python_writes(void **state)
{
    static const struct {
        const char *text, *out;
    } cases[] = {
        {"\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""},
        {"\"\\ud83d\"", "\"\\ufffd\""},
        {"\"\\uDE00 \\uD83D\"", "\"\\ufffd \\ufffd\""},
        {"\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\""},
        {"\"\\ud83d\\n\\\\ud800\"", "\"\\ufffd\\n\\\\ud800\""},
        {"\"a\\u0000b\"", "\"a\\ufffdb\""},
        {"{\"\\u0000\": 1}", "{\"\\ufffd\": 1}"},
        {"NaN", "0"},
        {"[NaN, Infinity,-Infinity]", "[0, 0, 0]"},
        {"\"NaN \\\" Infinity\"", "\"NaN \\\" Infinity\""},
        {"123456789012345678901", "123456789012345680000"},
        {"\"\\ud83d", NULL},
        {"\"\\", NULL},
        {"\"\\ud8", NULL},
        {"Na", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_error_t why;
        char *text = strdup(cases[i].text);
        json_t *value = json_text_parse(text, strlen(text), &why);
        json_t *expected =
            cases[i].out ? json_loads(cases[i].out, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL) : NULL;

        if (!json_equal(value, expected) && (value || expected))
            fail_msg("%s: %s", cases[i].text, value ? "another value" : why.text);
        json_decref(expected);
        json_decref(value);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_python_writes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
