/* Whether a clip shows the right pictures, from sums over its frames. */
#include "test/unit/unit.h"

#include <math.h>
#include <string.h>

#include "th-verify/measure/match.h"

enum { SAMPLES = 96 * 96 };

/* A frame at `share` of the way from the right picture to the neighbour `way`, with independent noise. noise and change
 * are mean squares. The other neighbours equal the right picture. */
static struct match_frame frame(enum match_way way, double share, double change, double noise, bool is_key)
{
    struct match_frame frame = {
        .here = SAMPLES * (noise + share * share * change), .samples = SAMPLES, .blocks = 1, .is_key = is_key};

    for (int i = 0; i < MATCH_WAYS; i++) {
        bool changes = i == (int)way;

        frame.ways[i].samples = SAMPLES;
        for (int cell = 0; cell < MATCH_CELLS; cell++) {
            frame.ways[i].here[cell] = frame.here / MATCH_CELLS;
            frame.ways[i].there[cell] = changes ? SAMPLES * (noise + (1 - share) * (1 - share) * change) / MATCH_CELLS
                                                : frame.here / MATCH_CELLS;
            frame.ways[i].apart[cell] = changes ? SAMPLES * change / MATCH_CELLS : 0;
        }
    }
    return frame;
}

/* A clip of count such frames; the first one is a key frame at key_share. */
static struct match_verdict judge(int count, enum match_way way, double key_share, double share, double change,
                                  double noise)
{
    struct match match = {0};

    for (int i = 0; i < count; i++) {
        struct match_frame next = frame(way, i ? share : key_share, change, noise, i == 0);

        match_add(&match, &next);
    }
    return match_judge(&match);
}

static void test_no_frames_say_nothing(void **state)
{
    struct match match = {0};

    (void)state;
    assert_int_equal(match_judge(&match).way, MATCH_HERE);
    assert_false(match_judge(&match).is_suspicious);
}

static void test_right_pictures_match_whatever_the_noise(void **state)
{
    (void)state;
    for (int way = 0; way < MATCH_WAYS; way++)
        for (double noise = 0; noise < 500; noise = noise * 2 + 1)
            for (double change = 0; change < 500; change = change * 2 + 0.1)
                for (int count = 1; count < 100; count += 7)
                    assert_int_equal(judge(count, (enum match_way)way, 0, 0, change, noise).way, MATCH_HERE);
}

static void test_each_way_is_found(void **state)
{
    (void)state;
    for (int way = 0; way < MATCH_WAYS; way++)
        for (int count = 1; count < 100; count += 9) {
            struct match_verdict verdict = judge(count, (enum match_way)way, 1, 1, 40, 10);

            assert_int_equal(verdict.way, way);
            assert_true(verdict.is_suspicious);
        }
}

static void test_a_slow_scene_is_told_by_its_key_frame(void **state)
{
    (void)state;
    /* A frame is a fourth of the noise away from its neighbours. */
    assert_int_equal(judge(40, MATCH_AFTER, 1, 0.5, 5, 20).way, MATCH_AFTER);
    assert_int_equal(judge(40, MATCH_BEFORE, 1, 0.5, 5, 20).way, MATCH_BEFORE);
    assert_true(judge(40, MATCH_BEFORE, 1, 0.5, 5, 20).by_keys);
    /* A difference far below the noise is not evidence. */
    assert_int_equal(judge(40, MATCH_AFTER, 1, 1, 0.5, 20).way, MATCH_HERE);
}

/* A key frame that lies at 0.85, where the chunk changes little, and 19 others at `share`, where it changes more. */
static enum match_way judge_grain(double share)
{
    struct match match = {0};

    for (int i = 0; i < 20; i++) {
        struct match_frame next =
            i ? frame(MATCH_BEFORE, share, 10, 40, false) : frame(MATCH_BEFORE, 0.85, 3, 40, true);

        match_add(&match, &next);
    }
    return match_judge(&match).way;
}

static void test_key_frames_that_lost_their_grain_are_no_fault(void **state)
{
    (void)state;
    assert_int_equal(judge_grain(0.06), MATCH_HERE);
    assert_int_equal(judge_grain(0.46), MATCH_HERE);
    /* The other frames agree. */
    assert_int_equal(judge_grain(0.6), MATCH_BEFORE);
}

static void test_an_encoder_that_lags_behind_is_not_early(void **state)
{
    (void)state;
    /* All frames but the first show half of the one before: x264 in slow scenes. */
    assert_int_equal(judge(200, MATCH_BEFORE, 0, 0.6, 30, 10).way, MATCH_HERE);
    /* A picture kept altogether while the next ones differ less than the noise. */
    assert_int_equal(judge(200, MATCH_BEFORE, 0, 1, 4, 10).way, MATCH_HERE);
}

static void test_a_still_scene_is_no_fault(void **state)
{
    (void)state;
    for (int way = 0; way < MATCH_WAYS; way++)
        assert_int_equal(judge(100, (enum match_way)way, 1, 1, 0, 10).way, MATCH_HERE);
}

static void test_noise_that_the_encoder_dropped_is_no_fault(void **state)
{
    (void)state;
    for (int way = 0; way < MATCH_WAYS; way++)
        assert_int_equal(judge(100, (enum match_way)way, 0.5, 0.5, 800, 5).way, MATCH_HERE);
}

/* The clip is a frame late in the first cells and right in the others, which change as much. */
static struct match_verdict judge_cells(int late, int others)
{
    struct match match = {0};
    struct match_frame next = frame(MATCH_AFTER, 0, 0, 10, true);
    struct match_sums *sums = &next.ways[MATCH_AFTER];

    for (int cell = 0; cell < late + others; cell++) {
        sums->apart[cell] = 100 * sums->here[cell];
        sums->there[cell] = sums->here[cell] + (cell < late ? -1 : 1) * sums->apart[cell];
    }
    match_add(&match, &next);
    return match_judge(&match);
}

static void test_what_few_places_say_is_not_enough(void **state)
{
    (void)state;
    assert_int_equal(judge_cells(36, 0).way, MATCH_AFTER);
    assert_int_equal(judge_cells(6, 0).way, MATCH_AFTER);
    assert_int_equal(judge_cells(5, 0).way, MATCH_HERE);
    assert_int_equal(judge_cells(6, 2).way, MATCH_HERE);
    assert_int_equal(judge_cells(27, 9).way, MATCH_HERE);
}

/* A frame left out in the middle: the second half is one late. */
static void test_a_slip_in_the_middle_is_found(void **state)
{
    struct match match = {0};

    (void)state;
    for (int i = 0; i < 120; i++) {
        struct match_frame next = frame(MATCH_AFTER, i >= 100, 40, 10, i == 0);

        match_add(&match, &next);
    }
    assert_int_equal(match_judge(&match).way, MATCH_AFTER);
    assert_false(match_judge(&match).by_keys);
}

static void test_other_pictures_are_told_by_their_blocks(void **state)
{
    static const struct {
        double blocks;
        bool is_suspicious, is_other;
    } cases[] = {{3.9, false, false}, {5, true, false}, {11, true, false}, {13, true, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct match match = {0};

        for (int k = 0; k < 50; k++) {
            struct match_frame next = frame(MATCH_HERE, 0, 0, 10, k == 0);

            next.blocks = k < 30 ? 1 : cases[i].blocks * cases[i].blocks; /* the worst part of the clip counts */
            match_add(&match, &next);
        }
        assert_int_equal(match_judge(&match).is_suspicious, cases[i].is_suspicious);
        assert_int_equal(match_judge(&match).is_other, cases[i].is_other);
    }
}

static void test_other_colours_are_told_by_the_worst_part(void **state)
{
    static const struct {
        double colours;
        bool is_recoloured;
    } cases[] = {{0, false}, {3.4, false}, {5.2, false}, {7.8, true}, {40, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct match match = {0};

        for (int k = 0; k < 50; k++) {
            struct match_frame next = frame(MATCH_HERE, 0, 0, 10, k == 0);

            next.colours = k < 30 ? 0 : cases[i].colours * cases[i].colours;
            match_add(&match, &next);
        }
        assert_int_equal(match_judge(&match).is_recoloured, cases[i].is_recoloured);
        assert_float_equal(match_judge(&match).colours, cases[i].colours, 1e-9);
        assert_false(match_judge(&match).is_suspicious);
    }
}

static void test_grey_pictures_have_no_colours(void **state)
{
    struct match match = {0};
    struct match_frame next = frame(MATCH_HERE, 0, 0, 10, true);

    (void)state;
    next.colours = -1;
    match_add(&match, &next);
    assert_float_equal(match_judge(&match).colours, -1, 0);
    assert_false(match_judge(&match).is_recoloured);
}

static void test_a_clip_amid_its_neighbours_is_worth_a_search(void **state)
{
    (void)state;
    /* Unrelated to all three, and far from them. */
    assert_true(judge(40, MATCH_AFTER, 0.5, 0.5, 800, 200).is_suspicious);
    /* The same near to them: the encoder has smoothed away the grain of film. */
    assert_false(judge(40, MATCH_AFTER, 0.5, 0.5, 20, 1).is_suspicious);
}

static void test_the_psnr_is_that_of_all_frames(void **state)
{
    (void)state;
    assert_float_equal(judge(50, MATCH_HERE, 0, 0, 0, 65.025).psnr, 30, 1e-9);
    assert_float_equal(judge(50, MATCH_HERE, 0, 0, 0, 0).psnr, 99, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_frames_say_nothing),
        cmocka_unit_test(test_right_pictures_match_whatever_the_noise),
        cmocka_unit_test(test_each_way_is_found),
        cmocka_unit_test(test_a_slow_scene_is_told_by_its_key_frame),
        cmocka_unit_test(test_an_encoder_that_lags_behind_is_not_early),
        cmocka_unit_test(test_key_frames_that_lost_their_grain_are_no_fault),
        cmocka_unit_test(test_a_still_scene_is_no_fault),
        cmocka_unit_test(test_noise_that_the_encoder_dropped_is_no_fault),
        cmocka_unit_test(test_what_few_places_say_is_not_enough),
        cmocka_unit_test(test_a_slip_in_the_middle_is_found),
        cmocka_unit_test(test_other_pictures_are_told_by_their_blocks),
        cmocka_unit_test(test_other_colours_are_told_by_the_worst_part),
        cmocka_unit_test(test_grey_pictures_have_no_colours),
        cmocka_unit_test(test_a_clip_amid_its_neighbours_is_worth_a_search),
        cmocka_unit_test(test_the_psnr_is_that_of_all_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
