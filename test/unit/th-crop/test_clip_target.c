/* Which tubes and which of their frames the options choose, and how the options are written down. */
#include "th-crop/plan/clip_target.h"

#include "test/unit/unit.h"

static struct tube tube_of(int start, int end)
{
    return (struct tube){.height = 100, .width = 100, .start = start, .end = end, .right = 50, .bottom = 40};
}

/* Frames that are left, -1 when the tube is left out. */
static int64_t left(int start, int end, int64_t trim, int64_t min_frames)
{
    const struct crop_settings settings = {.min_frames = min_frames, .output = {.trim = trim}};
    const struct tube tube = tube_of(start, end);
    struct error error;
    struct tube cut;

    if (clip_target_trim(&settings, &tube, &cut, &error)) {
        assert_int_equal(error.word, ERROR_NOT_SELECTED);
        return -1;
    }
    assert_int_equal(cut.start - tube.start, tube.end - cut.end);
    return tube_frames(&cut);
}

static void test_edges_are_taken_off_at_both_ends(void **state)
{
    (void)state;
    assert_int_equal(left(10, 19, 0, 0), 10);
    assert_int_equal(left(10, 19, 3, 0), 4);
    assert_int_equal(left(10, 20, 5, 0), 1);
    assert_int_equal(left(10, 19, 5, 0), -1);
    assert_int_equal(left(0, 0, 1, 0), -1);
    assert_int_equal(left(0, 5, INT32_MAX / 2, 0), -1);
}

static void test_what_is_left_must_be_long_enough(void **state)
{
    (void)state;
    assert_int_equal(left(10, 19, 0, 10), 10);
    assert_int_equal(left(10, 19, 0, 11), -1);
    assert_int_equal(left(10, 19, 3, 4), 4);
    assert_int_equal(left(10, 19, 3, 5), -1);
}

static void test_a_tube_without_sense_passes_to_be_told_as_such(void **state)
{
    const struct crop_settings settings = {.min_frames = 10, .output = {.trim = 4}};
    const struct tube tube = tube_of(9, 5);
    struct error error;
    struct tube cut;

    (void)state;
    assert_int_equal(clip_target_trim(&settings, &tube, &cut, &error), 0);
    assert_memory_equal(&cut, &tube, sizeof cut);
}

static void test_the_shorter_side_counts(void **state)
{
    const struct crop_settings settings = {.min_size = 64};
    const struct box large = {.w = 64, .h = 100}, small = {.w = 100, .h = 62};
    struct error error;

    (void)state;
    assert_int_equal(clip_target_check_box(&settings, &large, &error), 0);
    assert_int_equal(clip_target_check_box(&settings, &small, &error), -1);
    assert_int_equal(error.word, ERROR_NOT_SELECTED);
}

static void expect_options(const struct output_settings *settings, const char *text)
{
    char got[CLIP_OPTIONS_MAX];

    assert_int_equal(clip_target_options(settings, got), 0);
    assert_string_equal(got, text);
}

static void test_options_are_written_as_on_the_command_line(void **state)
{
    struct output_settings settings = crop_defaults.output;

    (void)state;
    expect_options(&settings, "");
    settings.encoder.crf = 18.5;
    settings.encoder.preset = "slow";
    expect_options(&settings, "--crf 18.5 --preset slow");
    settings.filter = (struct filter_settings){.width = 64, .height = 32, .fit = FIT_CROP, .fps = {25, 2}};
    settings.trim = 2;
    settings.encoder = (struct encoder_settings){.encoder = "ffv1", .crf = -1, .gop = 1, .options = "slices=4"};
    expect_options(&settings,
                   "--size 64x32 --fit crop --fps 25/2 --trim-edges 2 --encoder ffv1 --gop 1 --encoder-opts slices=4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges_are_taken_off_at_both_ends),
        cmocka_unit_test(test_what_is_left_must_be_long_enough),
        cmocka_unit_test(test_a_tube_without_sense_passes_to_be_told_as_such),
        cmocka_unit_test(test_the_shorter_side_counts),
        cmocka_unit_test(test_options_are_written_as_on_the_command_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
