#include "common/tube.h"

#include <stdlib.h>

#include "test/unit/unit.h"

static void boxes(void **state)
{
    static const struct {
        struct tube tube; /* H W S E L T R B */
        int width, height, log2_chroma_w, log2_chroma_h;
        struct box box;
    } cases[] = {
        /* as listed, 4:4:4: to the pixel */
        {{720, 1280, 0, 1, 503, 63, 792, 351}, 1280, 720, 0, 0, {503, 63, 289, 288}},
        /* 4:2:0: size and origin down to even numbers */
        {{720, 1280, 0, 1, 503, 63, 792, 351}, 1280, 720, 1, 1, {502, 62, 288, 288}},
        /* 4:2:2: only across */
        {{720, 1280, 0, 1, 503, 63, 792, 350}, 1280, 720, 1, 0, {502, 63, 288, 287}},
        /* 4:1:1 */
        {{720, 1280, 0, 1, 503, 63, 792, 351}, 1280, 720, 2, 0, {500, 63, 288, 288}},
        /* half the size: 503/2 = 251.5 -> 251, 63/2 -> 31, 792/2 = 396, 351/2 = 175.5 -> 175 */
        {{720, 1280, 0, 1, 503, 63, 792, 351}, 640, 360, 0, 0, {251, 31, 145, 144}},
        /* 3/2 of the size, where a double would be slightly below the whole number: 502 * 1920 / 1280 = 753 */
        {{720, 1280, 0, 1, 502, 62, 792, 350}, 1920, 1080, 0, 0, {753, 93, 435, 432}},
        /* the whole picture */
        {{720, 1280, 0, 1, 0, 0, 1280, 720}, 854, 480, 1, 1, {0, 0, 854, 480}},
        /* an odd picture: 853 wide is cut to 852 */
        {{720, 1280, 0, 1, 0, 0, 1280, 720}, 853, 480, 1, 1, {0, 0, 852, 480}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct box box;
        struct error error;

        assert_int_equal(tube_box(&cases[i].tube, cases[i].width, cases[i].height, cases[i].log2_chroma_w,
                                  cases[i].log2_chroma_h, &box, &error),
                         0);
        assert_int_equal(box.x, cases[i].box.x);
        assert_int_equal(box.y, cases[i].box.y);
        assert_int_equal(box.w, cases[i].box.w);
        assert_int_equal(box.h, cases[i].box.h);
    }
}

/* floor(a * b / c) by counting. */
static int slow_floor(int64_t a, int64_t b, int64_t c)
{
    int quotient = 0;

    for (int64_t product = a * b; product >= c; product -= c)
        quotient++;
    return quotient;
}

static void every_left_edge_is_the_exact_floor(void **state)
{
    (void)state;
    for (int width = 426; width <= 1920; width += 166) {
        for (int left = 0; left < 1280; left += 7) {
            int height = width * 9 / 16;
            struct tube tube = {720, 1280, 0, 0, left, 0, 1280, 720};
            struct box box;

            assert_int_equal(tube_box(&tube, width, height, 0, 0, &box, NULL), 0);
            assert_int_equal(box.x, slow_floor(left, width, 1280));
        }
    }
}

static void pictures_of_another_shape(void **state)
{
    static const struct {
        int width, height;
        enum error_word word;
    } cases[] = {{1280, 720, ERROR_NONE}, {1280, 714, ERROR_NONE},           {1280, 712, ERROR_ASPECT_MISMATCH},
                 {854, 480, ERROR_NONE},  {960, 720, ERROR_ASPECT_MISMATCH}, {720, 1280, ERROR_ASPECT_MISMATCH}};
    struct tube tube = {720, 1280, 0, 1, 100, 100, 400, 400};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct box box;
        struct error error = {0};

        tube_box(&tube, cases[i].width, cases[i].height, 1, 1, &box, &error);
        assert_int_equal(error.word, cases[i].word);
    }
}

static void boxes_of_which_nothing_is_left(void **state)
{
    struct tube one_pixel = {720, 1280, 0, 1, 100, 100, 101, 101}, tiny = {720, 1280, 0, 1, 100, 100, 103, 103};
    struct box box;
    struct error error;

    (void)state;
    assert_int_equal(tube_box(&one_pixel, 1280, 720, 0, 0, &box, &error), 0);
    assert_int_equal(tube_box(&one_pixel, 1280, 720, 1, 1, &box, &error), -1);
    assert_int_equal(error.word, ERROR_EMPTY_BOX);
    assert_int_equal(tube_box(&tiny, 256, 144, 1, 1, &box, &error), -1);
    assert_int_equal(error.word, ERROR_EMPTY_BOX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(boxes), cmocka_unit_test(every_left_edge_is_the_exact_floor),
                                       cmocka_unit_test(pictures_of_another_shape),
                                       cmocka_unit_test(boxes_of_which_nothing_is_left)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
