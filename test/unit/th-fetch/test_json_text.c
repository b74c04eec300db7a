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

/* A list of `count` empty objects, with brackets in a string behind them, which are no values. */
static json_t *parse_list(size_t count, json_error_t *why)
{
    static const char end[] = "\"[[{{,,\"]";
    size_t length = 1 + 3 * count + strlen(end);
    char *text = malloc(length);
    json_t *value;

    *text = '[';
    for (size_t i = 0; i < count; i++)
        memcpy(text + 1 + 3 * i, "{},", 3);
    memcpy(text + 1 + 3 * count, end, strlen(end));
    value = json_text_parse(text, length, why);
    free(text);
    return value;
}

/* 8 MiB of such a list, as much as a resolver may print, would take 650 MB. */
static void many_values_are_refused(void **state)
{
    json_error_t why;
    json_t *some = parse_list(100000, &why);

    (void)state;
    assert_int_equal(json_array_size(some), 100001);
    json_decref(some);
    assert_null(parse_list(200000, &why));
    assert_string_equal(why.text, "it holds more than 250000 values");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_python_writes), cmocka_unit_test(many_values_are_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
