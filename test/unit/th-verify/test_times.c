/* When a step is a gap, and when the frame rate is variable. */
#include "test/unit/unit.h"

#include <libavutil/avutil.h>
#include <stdlib.h>

#include "th-verify/measure/times.h"

enum { FRAMES_MAX = 512 };

/* Frames whose steps repeat the given ones (0-ended), from `first` on. */
static size_t frames_of(int64_t *ticks, size_t count, int64_t first, const int *steps)
{
    const int *step = steps;

    for (size_t i = 0; i < count; i++) {
        ticks[i] = first;
        first += *step++;
        if (!*step)
            step = steps;
    }
    return count;
}

static struct times look(const int64_t *ticks, size_t count)
{
    struct times times;

    assert_int_equal(times_measure(ticks, count, &times), 0);
    return times;
}

static void test_steady_frames_have_no_gap(void **state)
{
    /* 25 a second; 29.97 in milliseconds; 30 in milliseconds. */
    static const int rates[][4] = {{512, 0}, {33, 34, 33, 0}, {33, 33, 34, 0}, {1, 0}};
    int64_t ticks[FRAMES_MAX];

    (void)state;
    for (size_t r = 0; r < COUNT_OF(rates); r++)
        for (size_t count = 1; count <= FRAMES_MAX; count++) {
            struct times times = look(ticks, frames_of(ticks, count, 0, rates[r]));

            assert_int_equal(times.first, 0);
            assert_int_equal(times.backward, 0);
            assert_int_equal(times.gaps, 0);
            assert_false(times.is_variable);
        }
}

static void test_one_long_step_is_a_gap_wherever_it_is(void **state)
{
    int64_t ticks[FRAMES_MAX];

    (void)state;
    for (size_t count = 9; count <= 200; count += 7)
        for (size_t at = 0; at + 1 < count; at++) {
            struct times times;

            frames_of(ticks, count, 0, (const int[]){512, 0});
            for (size_t i = at + 1; i < count; i++)
                ticks[i] += 512;
            times = look(ticks, count);
            assert_int_equal(times.gaps, 1);
            assert_int_equal(times.first_gap, at);
            assert_int_equal(times.median, 512);
            assert_int_equal(times.longest, 1024);
        }
}

static void test_a_step_of_half_as_much_again_is_no_gap(void **state)
{
    int64_t ticks[40];

    (void)state;
    frames_of(ticks, 40, 0, (const int[]){512, 0});
    for (size_t i = 20; i < 40; i++)
        ticks[i] += 256;
    assert_int_equal(look(ticks, 40).gaps, 0);
    for (size_t i = 20; i < 40; i++)
        ticks[i] += 1;
    assert_int_equal(look(ticks, 40).gaps, 1);
}

static void test_few_frames_do_not_tell(void **state)
{
    int64_t ticks[8];

    (void)state;
    for (size_t count = 2; count <= COUNT_OF(ticks); count++) {
        frames_of(ticks, count, 0, (const int[]){512, 0});
        ticks[count - 1] += 5000;
        assert_int_equal(look(ticks, count).gaps, 0);
    }
}

static void test_variable_frame_rates_have_no_gaps(void **state)
{
    static const int rates[][8] = {
        {40, 40, 80, 0}, {40, 40, 40, 40, 40, 80, 0}, {10, 20, 300, 0}, {33, 67, 0}, {16, 17, 16, 50, 17, 33, 0}};
    int64_t ticks[FRAMES_MAX];

    (void)state;
    for (size_t r = 0; r < COUNT_OF(rates); r++)
        for (size_t count = 24; count <= FRAMES_MAX; count++) {
            struct times times = look(ticks, frames_of(ticks, count, 0, rates[r]));

            assert_true(times.is_variable);
            assert_int_equal(times.gaps, 0);
        }
}

static void test_few_gaps_in_many_frames_are_gaps(void **state)
{
    int64_t ticks[FRAMES_MAX];
    struct times times;

    (void)state;
    frames_of(ticks, FRAMES_MAX, 0, (const int[]){40, 0});
    for (size_t gap = 50; gap < FRAMES_MAX; gap += 50)
        for (size_t i = gap; i < FRAMES_MAX; i++)
            ticks[i] += 40;
    times = look(ticks, FRAMES_MAX);
    assert_int_equal(times.gaps, 10);
    assert_int_equal(times.first_gap, 49);
    assert_false(times.is_variable);
}

static void test_times_that_do_not_rise_are_found(void **state)
{
    static const struct {
        int64_t ticks[4];
        size_t backward;
    } cases[] = {
        {{0, 1, 2, 3}, 0},
        {{0, 0, 1, 2}, 1},
        {{0, 1, 1, 2}, 2},
        {{0, 1, 2, -5}, 3},
        {{0, AV_NOPTS_VALUE, 2, 3}, 1},
        {{-9, -8, 4, AV_NOPTS_VALUE}, 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct times times = look(cases[i].ticks, 4);

        assert_int_equal(times.backward, cases[i].backward);
        assert_int_equal(times.first, cases[i].ticks[0]);
    }
}

static void test_extreme_times_do_no_harm(void **state)
{
    static const int64_t wide[] = {INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};

    (void)state;
    assert_int_equal(look(wide, COUNT_OF(wide)).longest, INT64_MAX - 1);
    assert_int_equal(look((const int64_t[]){INT64_MIN + 1, INT64_MAX}, 2).longest, INT64_MAX);
    assert_int_equal(look(wide, 0).first, AV_NOPTS_VALUE);
    assert_int_equal(look(wide, 1).longest, 0);
}

static void test_a_source_with_the_same_gap_excuses_it(void **state)
{
    const AVRational clip_base = {1, 12800}, source_base = {1, 1000};
    int64_t ticks[40], source[40];
    struct times times;

    (void)state;
    for (int i = 0; i < 40; i++) {
        int steps = i + (i > 20 ? 3 : 0);

        ticks[i] = (int64_t)512 * steps;
        source[i] = 7000 + (int64_t)40 * steps + (i == 25); /* a millisecond of rounding */
    }
    times = look(ticks, 40);
    assert_int_equal(times.gaps, 1);
    assert_true(times_gaps_agree(ticks, clip_base, source, source_base, 40, &times));
    source[20] += 40; /* now the gap is as long, and elsewhere */
    assert_false(times_gaps_agree(ticks, clip_base, source, source_base, 40, &times));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_frames_have_no_gap),
        cmocka_unit_test(test_one_long_step_is_a_gap_wherever_it_is),
        cmocka_unit_test(test_a_step_of_half_as_much_again_is_no_gap),
        cmocka_unit_test(test_few_frames_do_not_tell),
        cmocka_unit_test(test_variable_frame_rates_have_no_gaps),
        cmocka_unit_test(test_few_gaps_in_many_frames_are_gaps),
        cmocka_unit_test(test_times_that_do_not_rise_are_found),
        cmocka_unit_test(test_extreme_times_do_no_harm),
        cmocka_unit_test(test_a_source_with_the_same_gap_excuses_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
