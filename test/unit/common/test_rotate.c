/* The filters for a display matrix. A matrix holds 16.16 fixed-point numbers, the last column 2.30. */
#include "common/av/rotate.h"

#include <libavutil/display.h>

#include "test/unit/unit.h"

static void expect(double degrees, bool hflip, bool vflip, const char *filters)
{
    char got[ROTATE_FILTERS_MAX];
    int32_t matrix[9];

    av_display_rotation_set(matrix, degrees); /* clockwise */
    av_display_matrix_flip(matrix, hflip, vflip);
    rotate_filters(matrix, got);
    assert_string_equal(got, filters);
}

static void test_no_matrix_and_the_identity_need_no_filter(void **state)
{
    char got[ROTATE_FILTERS_MAX];

    (void)state;
    rotate_filters(NULL, got);
    assert_string_equal(got, "");
    expect(0, false, false, "");
}

static void test_quarter_turns(void **state)
{
    (void)state;
    expect(90, false, false, "transpose=clock");
    expect(-90, false, false, "transpose=cclock");
    expect(180, false, false, "hflip,vflip");
    expect(270, false, false, "transpose=cclock");
}

static void test_mirrored_pictures(void **state)
{
    (void)state;
    expect(0, false, true, "vflip");
    expect(0, true, false, "hflip");
    expect(90, false, true, "transpose=clock_flip");
    expect(90, true, false, "transpose=cclock_flip");
}

static void test_other_angles_use_the_rotate_filter(void **state)
{
    (void)state;
    expect(30, false, false, "rotate=30.000000*PI/180");
}

static void test_a_matrix_of_zeros_needs_no_filter(void **state)
{
    const int32_t zeros[9] = {0};
    char got[ROTATE_FILTERS_MAX];

    (void)state;
    rotate_filters(zeros, got);
    assert_string_equal(got, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_matrix_and_the_identity_need_no_filter),
        cmocka_unit_test(test_quarter_turns),
        cmocka_unit_test(test_mirrored_pictures),
        cmocka_unit_test(test_other_angles_use_the_rotate_filter),
        cmocka_unit_test(test_a_matrix_of_zeros_needs_no_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
