#include "th-fetch/transfer/response.h"

#include <string.h>

#include "test/unit/unit.h"

static void ranges(void **state)
{
    static const struct {
        const char *text;
        int64_t first, total; /* first -2: not a range */
    } cases[] = {
        {"bytes 0-99/100", 0, 100},
        {"bytes 10-19/100", 10, 100},
        {"Bytes 10-19/100", 10, 100},
        {"bytes 10-19/*", 10, -1},
        {"bytes=10-19/100", 10, 100},
        {"bytes 9223372036854775806-9223372036854775806/9223372036854775807", INT64_MAX - 1, INT64_MAX},
        {"bytes */100", -2, 0},
        {"bytes 10-19", -2, 0},
        {"bytes 19-10/100", -2, 0},
        {"bytes 10-100/100", -2, 0},
        {"bytes -10-19/100", -2, 0},
        {"bytes 10-19/100x", -2, 0},
        {"bytes 10-19/99999999999999999999", -2, 0},
        {"bytes 99999999999999999999-1/1", -2, 0},
        {"items 10-19/100", -2, 0},
        {"", -2, 0},
        {"bytes ", -2, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t first = -2, total = -2;
        bool is_range = response_read_range(cases[i].text, &first, &total);

        assert_int_equal(is_range, cases[i].first != -2);
        if (!is_range)
            continue;
        assert_int_equal(first, cases[i].first);
        assert_int_equal(total, cases[i].total);
    }
}

/* A part (size, validator, total) and a response. */
static void fits(void **state)
{
    static const struct {
        int64_t size;
        const char *validator;
        int64_t total;
        struct response response;
        enum response_fit fit;
    } cases[] = {
        {0, NULL, -1, {200, false, -1, 100, "\"a\""}, RESPONSE_STARTS_ANEW},
        {0, NULL, -1, {200, false, -1, -1, ""}, RESPONSE_STARTS_ANEW},
        {0, NULL, -1, {0, false, -1, -1, ""}, RESPONSE_STARTS_ANEW}, /* file: */
        {50, "\"a\"", 100, {200, false, -1, 100, "\"b\""}, RESPONSE_STARTS_ANEW},
        {50, "\"a\"", 100, {200, false, -1, 100, "\"a\""}, RESPONSE_STARTS_ANEW}, /* ranges ignored */
        {0, NULL, -1, {206, false, 0, 100, "\"a\""}, RESPONSE_STARTS_ANEW},       /* the first piece */
        {50, "\"a\"", 100, {206, false, 50, 100, "\"a\""}, RESPONSE_CONTINUES},
        {50, "\"a\"", 100, {206, false, 50, 100, ""}, RESPONSE_CONTINUES},
        {50, "\"a\"", 100, {206, false, 50, -1, "\"a\""}, RESPONSE_CONTINUES},
        {50, "\"a\"", -1, {206, false, 50, 100, "\"a\""}, RESPONSE_CONTINUES},
        {50, NULL, 100, {206, false, 50, 100, ""}, RESPONSE_CONTINUES}, /* pieces of one run */
        {50, "\"a\"", 100, {206, false, 50, 100, "\"b\""}, RESPONSE_DIFFERS},
        {50, "\"a\"", 100, {206, false, 50, 101, "\"a\""}, RESPONSE_DIFFERS},
        {50, NULL, 100, {206, false, 50, 101, ""}, RESPONSE_DIFFERS},
        {50, "\"a\"", 100, {206, false, 49, 100, "\"a\""}, RESPONSE_UNUSABLE},
        {50, "\"a\"", 100, {206, false, 51, 100, "\"a\""}, RESPONSE_UNUSABLE},
        {50, "\"a\"", 100, {206, false, -1, -1, "\"a\""}, RESPONSE_UNUSABLE},
        {0, NULL, -1, {200, true, -1, 100, "\"a\""}, RESPONSE_UNUSABLE}, /* compressed */
        {50, "\"a\"", 100, {206, true, 50, 100, "\"a\""}, RESPONSE_UNUSABLE},
        {0, NULL, -1, {204, false, -1, -1, ""}, RESPONSE_UNUSABLE},
        {0, NULL, -1, {302, false, -1, -1, ""}, RESPONSE_UNUSABLE}, /* a redirect without a location */
    };
    struct error error;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        error = (struct error){0};
        assert_int_equal(response_check(&cases[i].response, cases[i].size, cases[i].size, cases[i].validator,
                                        cases[i].total, &error),
                         cases[i].fit);
        assert_int_equal(error.word != ERROR_NONE, cases[i].fit == RESPONSE_UNUSABLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranges), cmocka_unit_test(fits)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
