/* Which clip sizes fit a tube's box when the size of the source is not known. */
#include "test/unit/unit.h"

#include <stdlib.h>

#include "th-verify/expected_size.h"

static const struct {
    int width, height;
} pictures[] = {{1280, 720}, {1920, 1080}, {640, 360}, {854, 480}, {426, 240}, {256, 144}, {3840, 2160}};

/* Random tubes in 1280x720, the same in each run. */
static struct tube tube_at(unsigned number)
{
    struct tube tube = {.height = 720, .width = 1280, .end = 10};

    tube.left = (int32_t)(number * 7919 % 1000);
    tube.top = (int32_t)(number * 104729 % 500);
    tube.right = tube.left + 40 + (int32_t)(number * 31 % (unsigned)(1240 - tube.left));
    tube.bottom = tube.top + 40 + (int32_t)(number * 17 % (unsigned)(680 - tube.top));
    return tube;
}

static void test_what_is_cut_from_any_picture_fits(void **state)
{
    struct error error;
    struct box box;

    (void)state;
    for (unsigned number = 0; number < 500; number++)
        for (size_t p = 0; p < COUNT_OF(pictures); p++)
            for (int chroma = 0; chroma < 3; chroma++) {
                struct tube tube = tube_at(number);
                int log2_w = chroma > 0, log2_h = chroma > 1;

                assert_int_equal(
                    box_from_tube(&tube, pictures[p].width, pictures[p].height, log2_w, log2_h, &box, &error), 0);
                assert_true(expected_size_ratio_fits(&tube, box.w, box.h, log2_w, log2_h));
            }
}

static void test_another_shape_does_not_fit(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 500; number++) {
        struct tube tube = tube_at(number);
        int w = tube.right - tube.left, h = tube.bottom - tube.top;

        assert_false(expected_size_ratio_fits(&tube, 2 * w, h, 1, 1));
        assert_false(expected_size_ratio_fits(&tube, w, 2 * h, 1, 1));
        assert_false(expected_size_ratio_fits(&tube, 0, h, 1, 1));
        assert_false(expected_size_ratio_fits(&tube, w, -1, 1, 1));
    }
}

static void test_a_large_clip_shows_a_shape_that_is_off_by_a_little(void **state)
{
    const struct tube tube = {.height = 720, .width = 1280, .right = 500, .bottom = 500};

    (void)state;
    assert_true(expected_size_ratio_fits(&tube, 500, 500, 1, 1));
    assert_true(expected_size_ratio_fits(&tube, 750, 748, 1, 1));
    assert_true(expected_size_ratio_fits(&tube, 250, 248, 1, 1));
    assert_false(expected_size_ratio_fits(&tube, 500, 480, 1, 1));
    assert_false(expected_size_ratio_fits(&tube, 480, 500, 1, 1));
}

static void test_the_box_comes_before_all_else(void **state)
{
    struct clip clip = {.tube = {.right = 30, .bottom = 20}, .is_boxed = true, .box = {2, 4, 28, 18}};
    struct expected_size size;

    (void)state;
    expected_size_find(&clip, &size);
    assert_int_equal(size.origin, SIZE_FROM_BOX);
    assert_int_equal(size.box.w, 28);
    assert_int_equal(size.box.h, 18);
    clip.is_boxed = false;
    clip.source = (char *)"/nowhere/chunk.mp4";
    expected_size_find(&clip, &size);
    assert_int_equal(size.origin, SIZE_FROM_RATIO);
    assert_int_equal(size.box.w, 30);
    assert_int_equal(size.box.h, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_cut_from_any_picture_fits),
        cmocka_unit_test(test_another_shape_does_not_fit),
        cmocka_unit_test(test_a_large_clip_shows_a_shape_that_is_off_by_a_little),
        cmocka_unit_test(test_the_box_comes_before_all_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
