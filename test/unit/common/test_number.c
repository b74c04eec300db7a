#include "common/number.h"

#include "test/unit/unit.h"

static void whole_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t min, max;
        bool is_good;
        int64_t value;
    } cases[] = {
        {"0", 0, 9, true, 0},
        {"7", 0, 9, true, 7},
        {"007", 0, 9, true, 7},
        {"-3", -5, 5, true, -3},
        {"9223372036854775807", 0, INT64_MAX, true, INT64_MAX},
        {"9223372036854775808", 0, INT64_MAX, false, 0},
        {"10", 0, 9, false, 0},
        {"-1", 0, 9, false, 0},
        {"", 0, 9, false, 0},
        {"-", -9, 9, false, 0},
        {"+1", 0, 9, false, 0},
        {" 1", 0, 9, false, 0},
        {"1 ", 0, 9, false, 0},
        {"1.0", 0, 9, false, 0},
        {"0x1", 0, 9, false, 0},
        {"1e1", 0, 99, false, 0},
        {"99999999999999999999999", 0, INT64_MAX, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t value = 0;

        assert_int_equal(number_int(cases[i].text, cases[i].min, cases[i].max, &value), cases[i].is_good);
        assert_int_equal(value, cases[i].value);
    }
}

static void real_numbers(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
        double value;
    } cases[] = {
        {"0", true, 0},      {"1.5", true, 1.5}, {"-2.25", true, -2.25}, {"100", true, 100},
        {"100.1", false, 0}, {"1.", false, 0},   {".5", false, 0},       {"1e2", false, 0},
        {"0x1", false, 0},   {"nan", false, 0},  {"inf", false, 0},      {"", false, 0},
        {"-", false, 0},     {"1,5", false, 0},  {" 1", false, 0},       {"1.5s", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double value = 0;

        assert_int_equal(number_real(cases[i].text, -100, 100, &value), cases[i].is_good);
        assert_true(value == cases[i].value);
    }
}

static void sizes(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
        int64_t bytes;
    } cases[] = {
        {"0", true, 0},          {"512", true, 512},
        {"1K", true, 1024},      {"3M", true, 3 << 20},
        {"2G", true, 2LL << 30}, {"1T", true, 1LL << 40},
        {"1k", false, 0},        {"1KB", false, 0},
        {"K", false, 0},         {"-1", false, 0},
        {"1.5G", false, 0},      {"9000000T", false, 0},
        {"8388608T", false, 0},  {"18446744073709551616", false, 0},
        {"", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t bytes = 0;

        assert_int_equal(number_size(cases[i].text, 0, INT64_MAX, &bytes), cases[i].is_good);
        assert_int_equal(bytes, cases[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_numbers), cmocka_unit_test(real_numbers),
                                       cmocka_unit_test(sizes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
