/* Which part of a clip shows which part of its box. */
#include "test/unit/unit.h"

#include "th-verify/measure/unscaler.h"

static const struct box box = {100, 40, 160, 120};

static bool plan(const char *fit, int width, int height, AVRational aspect, struct unscaler_plan *result)
{
    json_t *scale = json_pack("{s:i, s:i, s:s}", "width", width, "height", height, "fit", fit);
    bool is_made = unscaler_make_plan(scale, &box, aspect, 2, 2, result);

    json_decref(scale);
    return is_made;
}

static void test_each_fit_shows_its_part(void **state)
{
    static const struct {
        const char *fit;
        int width, height;
        struct box clip, box;
    } cases[] = {
        {"stretch", 64, 64, {0, 0, 64, 64}, {100, 40, 160, 120}},
        {"stretch", 320, 100, {0, 0, 320, 100}, {100, 40, 160, 120}},
        /* 4:3 into a square: bars above and below. */
        {"pad", 128, 128, {0, 16, 128, 96}, {100, 40, 160, 120}},
        {"pad", 320, 120, {80, 0, 160, 120}, {100, 40, 160, 120}},
        {"pad", 160, 120, {0, 0, 160, 120}, {100, 40, 160, 120}},
        /* 4:3 cut to a square: the middle 120 of 160, less 4 at each cut. */
        {"crop", 120, 120, {0, 0, 120, 120}, {124, 40, 112, 120}},
        {"crop", 240, 240, {0, 0, 240, 240}, {124, 40, 112, 120}},
        /* To 2:1: the middle 80 of 120. */
        {"crop", 160, 80, {0, 0, 160, 80}, {100, 64, 160, 72}},
        {"crop", 320, 240, {0, 0, 320, 240}, {100, 40, 160, 120}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct unscaler_plan got;

        assert_true(plan(cases[i].fit, cases[i].width, cases[i].height, (AVRational){0, 1}, &got));
        assert_memory_equal(&got.clip, &cases[i].clip, sizeof got.clip);
        assert_memory_equal(&got.box, &cases[i].box, sizeof got.box);
    }
}

static void test_pixels_that_are_not_square_are_shown_wider(void **state)
{
    struct unscaler_plan got;

    (void)state;
    /* 160x120 of pixels 3:2 is shown as 240x120, that is 2:1. */
    assert_true(plan("pad", 128, 128, (AVRational){3, 2}, &got));
    assert_int_equal(got.clip.h, 64);
    assert_int_equal(got.clip.y, 32);
}

static void test_what_cannot_be_brought_back_is_said(void **state)
{
    struct unscaler_plan got;

    (void)state;
    assert_false(plan("stretch", 39, 100, (AVRational){0, 1}, &got));
    assert_true(plan("stretch", 40, 30, (AVRational){0, 1}, &got));
    assert_false(plan("stretch", 40, 29, (AVRational){0, 1}, &got));
    assert_false(plan("pad", 0, 64, (AVRational){0, 1}, &got));
    assert_false(plan("pad", 64, -1, (AVRational){0, 1}, &got));
    assert_false(unscaler_make_plan(NULL, &box, (AVRational){0, 1}, 2, 2, &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_fit_shows_its_part),
        cmocka_unit_test(test_pixels_that_are_not_square_are_shown_wider),
        cmocka_unit_test(test_what_cannot_be_brought_back_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
