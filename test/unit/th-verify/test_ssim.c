/* Similarity as the papers define it. The expected values come from another program, which follows the papers
 * literally: two-dimensional windows, differences from the mean, doubles. */
#include "test/unit/unit.h"

#include <math.h>

#include "th-verify/measure/ssim.h"

/* Two pictures that are alike: the second is paler and has a pattern on it. */
static void draw(struct ssim_grey *a, struct ssim_grey *b, int width, int height)
{
    assert_int_equal(ssim_grey_make(a, width, height), 0);
    assert_int_equal(ssim_grey_make(b, width, height), 0);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int value = (x * 3 + y * 5 + x * y / 16) % 256;

            a->data[(size_t)y * a->stride + (size_t)x] = (float)value;
            b->data[(size_t)y * b->stride + (size_t)x] =
                (float)fmin(255, fmax(0, value * 7 / 8 + (x * 31 + y * 17) % 41 - 10));
        }
}

static void test_figures_are_those_of_the_papers(void **state)
{
    static const struct {
        int width, height;
        double ssim, ms_ssim;
    } cases[] = {{45, 37, 0.719968370, NAN}, {179, 176, 0.881861056, 0.985150822}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ssim_grey a, b;
        double ssim, ms_ssim;

        draw(&a, &b, cases[i].width, cases[i].height);
        assert_int_equal(ssim_compare(&a, &b, &ssim, &ms_ssim), 0);
        assert_float_equal(ssim, cases[i].ssim, 1e-5);
        if (isnan(cases[i].ms_ssim))
            assert_true(isnan(ms_ssim));
        else
            assert_float_equal(ms_ssim, cases[i].ms_ssim, 1e-5);
        ssim_grey_free(&a);
        ssim_grey_free(&b);
    }
}

static void test_a_picture_is_like_itself(void **state)
{
    static const int sizes[][2] = {{11, 11}, {16, 12}, {27, 40}, {176, 176}, {301, 180}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct ssim_grey a, b;
        double ssim, ms_ssim;

        draw(&a, &b, sizes[i][0], sizes[i][1]);
        assert_int_equal(ssim_compare(&a, &a, &ssim, &ms_ssim), 0);
        assert_float_equal(ssim, 1, 1e-6);
        assert_true(sizes[i][1] < SSIM_MS_MIN ? isnan(ms_ssim) : fabs(ms_ssim - 1) < 1e-6);
        ssim_grey_free(&a);
        ssim_grey_free(&b);
    }
}

static void test_the_order_does_not_matter(void **state)
{
    struct ssim_grey a, b;
    double one, other, ms_one, ms_other;

    (void)state;
    draw(&a, &b, 200, 177);
    assert_int_equal(ssim_compare(&a, &b, &one, &ms_one), 0);
    assert_int_equal(ssim_compare(&b, &a, &other, &ms_other), 0);
    assert_float_equal(one, other, 1e-9);
    assert_float_equal(ms_one, ms_other, 1e-9);
    ssim_grey_free(&a);
    ssim_grey_free(&b);
}

static void test_what_is_smaller_than_the_window_has_no_figure(void **state)
{
    struct ssim_grey a, b;
    double ssim, ms_ssim;

    (void)state;
    draw(&a, &b, 40, 10);
    assert_int_equal(ssim_compare(&a, &b, &ssim, &ms_ssim), 0);
    assert_true(isnan(ssim) && isnan(ms_ssim));
    ssim_grey_free(&a);
    ssim_grey_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures_are_those_of_the_papers),
        cmocka_unit_test(test_a_picture_is_like_itself),
        cmocka_unit_test(test_the_order_does_not_matter),
        cmocka_unit_test(test_what_is_smaller_than_the_window_has_no_figure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
