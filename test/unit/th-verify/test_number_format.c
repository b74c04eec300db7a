#include "th-verify/report/number_format.h"

#include <stdio.h>

#include "test/unit/unit.h"

static char text[NUMBER_FORMAT_SIZE];

static void counts_have_commas(void **state)
{
    (void)state;
    assert_string_equal(number_format_count(text, 0), "0");
    assert_string_equal(number_format_count(text, 999), "999");
    assert_string_equal(number_format_count(text, 1000), "1,000");
    assert_string_equal(number_format_count(text, 123456), "123,456");
    assert_string_equal(number_format_count(text, 1234567), "1,234,567");
    assert_string_equal(number_format_count(text, INT64_MAX), "9,223,372,036,854,775,807");
}

static void short_counts_have_a_unit(void **state)
{
    (void)state;
    assert_string_equal(number_format_short(text, 999), "999");
    assert_string_equal(number_format_short(text, 1234), "1.2k");
    assert_string_equal(number_format_short(text, 5000), "5k");
    assert_string_equal(number_format_short(text, 5001), "5.0k");
    assert_string_equal(number_format_short(text, 146392), "146k");
    assert_string_equal(number_format_short(text, 999499), "999k");
    assert_string_equal(number_format_short(text, 999500), "1.0M");
    assert_string_equal(number_format_short(text, 12000000), "12M");
}

static void bytes(void **state)
{
    (void)state;
    assert_string_equal(number_format_bytes(text, 0), "0 bytes");
    assert_string_equal(number_format_bytes(text, 1), "1 byte");
    assert_string_equal(number_format_bytes(text, 999), "999 bytes");
    assert_string_equal(number_format_bytes(text, 1000), "1.0 kB");
    assert_string_equal(number_format_bytes(text, 999960), "1.0 MB");
    assert_string_equal(number_format_bytes(text, 84296004000), "84.3 GB");
    assert_string_equal(number_format_bytes(text, INT64_MAX), "9223.4 PB");
}

static void durations(void **state)
{
    (void)state;
    assert_string_equal(number_format_duration(text, 0), "0.0 s");
    assert_string_equal(number_format_duration(text, 59.9), "59.9 s");
    assert_string_equal(number_format_duration(text, 59.97), "1 min 0 s");
    assert_string_equal(number_format_duration(text, 239.05), "3 min 59 s");
    assert_string_equal(number_format_duration(text, 3599.4), "59 min 59 s");
    assert_string_equal(number_format_duration(text, 3599.7), "1.0 h");
    assert_string_equal(number_format_duration(text, 1875136.5), "520.9 h");
}

static void shares_never_hide_the_rest(void **state)
{
    (void)state;
    assert_string_equal(number_format_share(text, 0, 0), "0%");
    assert_string_equal(number_format_share(text, 0, 5), "0%");
    assert_string_equal(number_format_share(text, 5, 5), "100%");
    assert_string_equal(number_format_share(text, 1, 500000), "under 0.1%");
    assert_string_equal(number_format_share(text, 499999, 500000), "over 99.9%");
    assert_string_equal(number_format_share(text, 4, 7), "57%");
    assert_string_equal(number_format_share(text, 199, 200), "99.5%");
    assert_string_equal(number_format_share(text, 3, 100), "3.0%");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_have_commas), cmocka_unit_test(short_counts_have_a_unit),
                                       cmocka_unit_test(bytes), cmocka_unit_test(durations),
                                       cmocka_unit_test(shares_never_hide_the_rest)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
