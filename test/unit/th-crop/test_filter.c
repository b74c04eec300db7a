/* How a picture comes to lie when it is made to fit. */
#include "th-crop/encode/filter.h"

#include <stdlib.h>

#include "test/unit/unit.h"

static const AVRational square = {1, 1};

static struct filter_place place(int w, int h, AVRational aspect, int to_w, int to_h, enum fit fit)
{
    const struct filter_settings settings = {.width = to_w, .height = to_h, .fit = fit};

    return filter_fit(&settings, w, h, aspect, 2, 2);
}

static void expect(struct filter_place got, int w, int h, int x, int y)
{
    assert_int_equal(got.width, w);
    assert_int_equal(got.height, h);
    assert_int_equal(got.x, x);
    assert_int_equal(got.y, y);
}

static void test_the_same_shape_needs_no_border(void **state)
{
    (void)state;
    for (int fit = FIT_PAD; fit <= FIT_STRETCH; fit++) {
        expect(place(512, 512, square, 256, 256, (enum fit)fit), 256, 256, 0, 0);
        expect(place(640, 360, square, 1280, 720, (enum fit)fit), 1280, 720, 0, 0);
    }
}

static void test_pad_keeps_all_of_the_picture(void **state)
{
    (void)state;
    expect(place(400, 300, square, 256, 256, FIT_PAD), 256, 192, 0, 32);
    expect(place(300, 400, square, 256, 256, FIT_PAD), 192, 256, 32, 0);
    expect(place(100, 82, square, 256, 256, FIT_PAD), 256, 210, 0, 22);
}

static void test_crop_fills_the_size(void **state)
{
    (void)state;
    expect(place(400, 300, square, 256, 256, FIT_CROP), 342, 256, 42, 0);
    expect(place(300, 400, square, 256, 256, FIT_CROP), 256, 342, 0, 42);
}

static void test_stretch_is_the_size(void **state)
{
    (void)state;
    expect(place(400, 300, square, 256, 128, FIT_STRETCH), 256, 128, 0, 0);
}

static void test_pixels_that_are_not_square_are_shown_as_they_should(void **state)
{
    const AVRational wide = {4, 3}, unknown = {0, 1};

    (void)state;
    expect(place(300, 400, wide, 256, 256, FIT_PAD), 256, 256, 0, 0);
    expect(place(300, 300, wide, 256, 256, FIT_PAD), 256, 192, 0, 32);
    expect(place(300, 300, unknown, 256, 256, FIT_PAD), 256, 256, 0, 0);
}

static void test_what_is_much_longer_than_wide_keeps_a_line(void **state)
{
    (void)state;
    expect(place(8000, 2, square, 64, 64, FIT_PAD), 64, 2, 0, 30);
}

/* Whatever the box: the borders are on the chroma grid, the shape is off by no more than half a step. */
static void test_hundreds_of_boxes(void **state)
{
    (void)state;
    for (int w = 20; w < 1000; w += 37)
        for (int h = 20; h < 1000; h += 41) {
            struct filter_place pad = place(w, h, square, 256, 224, FIT_PAD);
            struct filter_place crop = place(w, h, square, 256, 224, FIT_CROP);

            assert_true(pad.width <= 256 && pad.height <= 224 && (pad.width == 256 || pad.height == 224));
            assert_true(crop.width >= 256 && crop.height >= 224 && (crop.width == 256 || crop.height == 224));
            assert_int_equal((pad.x | pad.y | crop.x | crop.y | pad.width | pad.height) & 1, 0);
            assert_true(labs((long)pad.width * h - (long)pad.height * w) <= (w > h ? w : h));
            assert_true(labs((long)crop.width * h - (long)crop.height * w) <= (w > h ? w : h));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_shape_needs_no_border),
        cmocka_unit_test(test_pad_keeps_all_of_the_picture),
        cmocka_unit_test(test_crop_fills_the_size),
        cmocka_unit_test(test_stretch_is_the_size),
        cmocka_unit_test(test_pixels_that_are_not_square_are_shown_as_they_should),
        cmocka_unit_test(test_what_is_much_longer_than_wide_keeps_a_line),
        cmocka_unit_test(test_hundreds_of_boxes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
