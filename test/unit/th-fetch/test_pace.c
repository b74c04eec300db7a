#include "th-fetch/policy/pace.h"

#include <math.h>

#include "test/unit/unit.h"

static void assert_near(double number, double expected)
{
    assert_true(fabs(number - expected) < 1e-9);
}

static const struct pace_limits limits = {.min_gap = 0, .max_gap = 0, .pause = 10, .max_pauses = 3};

/* Asks at `now`, and starts when it may; is_tester: for the video that tests. */
static bool start_as(struct pace *pace, bool is_tester, double now)
{
    double wake;

    if (!pace_may_start(pace, true, is_tester, now, &wake))
        return false;
    pace_started(pace, true, now, 0);
    return true;
}

static bool start(struct pace *pace, double now)
{
    return start_as(pace, false, now);
}

/* A pause has begun at 0, and a test at 10. */
static void begin_test(struct pace *pace)
{
    pace_init(pace, &limits);
    assert_true(start(pace, 0));
    assert_near(pace_refused(pace, 0, 0, false, 0), 10);
    assert_true(start(pace, 10));
    assert_int_equal(pace->state, PACE_TESTING);
}

static void videos_keep_their_distance(void **state)
{
    struct pace_limits spaced = {.min_gap = 2, .max_gap = 6, .pause = 10, .max_pauses = 3};
    struct pace pace;
    double wake;

    (void)state;
    pace_init(&pace, &spaced);
    assert_true(pace_may_start(&pace, true, false, 0, &wake));
    pace_started(&pace, true, 0, 0.5);
    assert_false(pace_may_start(&pace, true, false, 3.9, &wake));
    assert_near(wake, 4);
    assert_true(pace_may_start(&pace, false, false, 3.9, &wake)); /* the same video's next request */
    pace_started(&pace, false, 3.9, 0.5);
    assert_true(pace_may_start(&pace, true, false, 4, &wake));
}

static void without_limits_nothing_waits(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    for (int i = 0; i < 100; i++)
        assert_true(start(&pace, 5));
}

static void a_refusal_stops_all_then_one_goes_first(void **state)
{
    struct pace pace;
    double wake;

    (void)state;
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    assert_near(pace_refused(&pace, 0, 0, false, 1), 10);
    assert_false(pace_may_start(&pace, true, false, 10.9, &wake));
    assert_near(wake, 11);
    assert_false(pace_may_start(&pace, false, false, 10.9, &wake));
    assert_true(start(&pace, 11));
    assert_false(pace_may_start(&pace, true, false, 12, &wake)); /* the first has no answer yet */
    assert_true(isinf(wake));
    pace_ended(&pace, PACE_SERVED, 13);
    assert_true(start(&pace, 13));
    assert_true(start(&pace, 13));
}

static void refusals_of_one_burst_are_one(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    for (int i = 0; i < 8; i++)
        assert_true(start(&pace, i));
    assert_near(pace_refused(&pace, 0, 0, false, 8), 10);
    for (int i = 1; i < 8; i++)
        assert_near(pace_refused(&pace, i, 0, false, 8 + i), 0);
    assert_int_equal(pace.pauses, 1);
}

static void pauses_double_and_then_end(void **state)
{
    struct pace pace;
    double wake, now = 0;

    (void)state;
    pace_init(&pace, &limits);
    for (int i = 0; i < 3; i++) {
        assert_true(start(&pace, now));
        assert_near(pace_refused(&pace, now, 0, false, now), 10 << i);
        now += 10 << i;
    }
    assert_true(start(&pace, now));
    assert_near(pace_refused(&pace, now, 0, false, now), 0);
    assert_int_equal(pace.state, PACE_GIVEN_UP);
    assert_false(pace_may_start(&pace, true, false, now + 1e6, &wake));
    assert_true(isinf(wake));
}

static void what_is_served_makes_pauses_count_anew(void **state)
{
    struct pace pace;

    (void)state;
    begin_test(&pace);
    assert_near(pace_refused(&pace, 10, 0, false, 12), 20);
    assert_true(start(&pace, 32));
    pace_ended(&pace, PACE_SERVED, 33);
    assert_int_equal(pace.pauses, 0);
    assert_true(start(&pace, 33));
    assert_near(pace_refused(&pace, 33, 0, false, 34), 10);
}

static void an_answer_lets_only_the_tester_go_on(void **state)
{
    struct pace pace;

    (void)state;
    begin_test(&pace);
    pace_ended(&pace, PACE_ANSWER, 11);
    assert_false(start(&pace, 11));
    assert_false(start(&pace, 1e6));
    assert_true(start_as(&pace, true, 12));
    assert_int_equal(pace.state, PACE_TESTING);
    assert_false(start(&pace, 13));
    pace_ended(&pace, PACE_SERVED, 14);
    assert_true(start(&pace, 14));
}

static void a_refusal_of_any_request_ends_the_test(void **state)
{
    struct pace pace;

    (void)state;
    begin_test(&pace);
    pace_ended(&pace, PACE_ANSWER, 11);
    assert_true(start_as(&pace, true, 12));
    assert_near(pace_refused(&pace, 12, 0, false, 13), 20);
    assert_false(start_as(&pace, true, 32));
    assert_true(start(&pace, 33));
}

/* The gap between videos holds for the tester, too. */
static void a_tester_that_begins_anew_keeps_its_distance(void **state)
{
    struct pace_limits spaced = {.min_gap = 5, .max_gap = 5, .pause = 10, .max_pauses = 3};
    struct pace pace;

    (void)state;
    pace_init(&pace, &spaced);
    assert_true(start(&pace, 0));
    pace_refused(&pace, 0, 0, false, 0);
    assert_true(start(&pace, 10));
    assert_false(start_as(&pace, true, 14));
    assert_true(start_as(&pace, true, 15));
}

static void without_a_test_no_end_tells_anything(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    pace_ended(&pace, PACE_NO_ANSWER, 1);
    assert_int_equal(pace.state, PACE_OPEN);
    pace_refused(&pace, 0, 0, false, 2);
    pace_ended(&pace, PACE_SERVED, 3);
    assert_int_equal(pace.state, PACE_PAUSED);
    assert_int_equal(pace.pauses, 1);
    assert_false(start(&pace, 4));
}

/* One video alone cannot make the source given up, but its pauses get longer. */
static void pauses_of_one_video_on_end_count_as_one(void **state)
{
    struct pace pace;
    double now = 0;

    (void)state;
    pace_init(&pace, &limits);
    for (int i = 0; i < 6; i++) {
        assert_true(start(&pace, now));
        assert_near(pace_refused(&pace, now, 0, i > 0, now), 10 << i);
        now += 10 << i;
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pace.state, PACE_PAUSED);
        now = pace.until;
        assert_true(start(&pace, now));
        pace_refused(&pace, now, 0, false, now);
    }
    assert_int_equal(pace.state, PACE_GIVEN_UP);
}

/* A source that serves each time but refuses one video: a round for each video that is served, never given up. */
static void rounds_are_paid_for_by_videos(void **state)
{
    struct pace pace;
    double now = 0;

    (void)state;
    pace_init(&pace, &limits);
    for (int i = 0; i < 1000; i++) {
        assert_true(start(&pace, now));
        assert_near(pace_refused(&pace, now, 0, true, now), 10);
        now += 10;
        assert_true(start(&pace, now));
        pace_ended(&pace, PACE_ANSWER, now);
        assert_false(start(&pace, now)); /* the refused one, which would be refused again */
        assert_true(start_as(&pace, true, now));
        pace_ended(&pace, PACE_SERVED, now);
    }
}

static void what_started_before_the_pause_tells_nothing_new(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    assert_true(start(&pace, 1));
    pace_refused(&pace, 1, 0, false, 2);
    assert_true(start(&pace, 12));
    assert_near(pace_refused(&pace, 0, 0, false, 13), 0);
    assert_int_equal(pace.state, PACE_TESTING);
}

static void a_test_without_answer_is_followed_by_another(void **state)
{
    struct pace pace;
    double wake;

    (void)state;
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    pace_refused(&pace, 0, 0, false, 0);
    assert_true(start(&pace, 10));
    pace_ended(&pace, PACE_NO_ANSWER, 15);
    assert_true(start(&pace, 15));
    assert_false(pace_may_start(&pace, true, false, 16, &wake));
}

static void what_the_source_asks_for_is_obeyed(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    assert_near(pace_refused(&pace, 0, 500, false, 0), 500);
    assert_false(start(&pace, 499));
    assert_true(start(&pace, 500));
}

/* A pause of one second, not of ten; and the pauses that the source does not name start where they would have. */
static void a_source_that_names_a_short_time_is_believed(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    assert_near(pace_refused(&pace, 0, 1, false, 0), 1);
    assert_false(start(&pace, 0.9));
    assert_true(start(&pace, 1));
    assert_near(pace_refused(&pace, 1, 1, false, 2), 1);
    assert_true(start(&pace, 3));
    assert_near(pace_refused(&pace, 3, 0, false, 3), 10);
    assert_true(start(&pace, 13));
    pace_refused(&pace, 13, 1, false, 13);
    assert_int_equal(pace.state, PACE_GIVEN_UP); /* max_pauses counts them all */
}

/* Retry-After of three years: given up. */
static void what_the_source_asks_for_has_an_end(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    assert_near(pace_refused(&pace, 0, PACE_AFTER_MAX, false, 1), PACE_AFTER_MAX);
    pace_init(&pace, &limits);
    assert_true(start(&pace, 0));
    assert_near(pace_refused(&pace, 0, 1e8, false, 1), 0);
    assert_int_equal(pace.state, PACE_GIVEN_UP);
}

static void when_it_resumes(void **state)
{
    struct pace pace;

    (void)state;
    pace_init(&pace, &limits);
    assert_near(pace_resumes(&pace, 5), 5);
    assert_true(start(&pace, 5));
    pace_refused(&pace, 5, 0, false, 6);
    assert_near(pace_resumes(&pace, 7), 16);
    assert_near(pace_resumes(&pace, 20), 20);
    assert_true(start(&pace, 20)); /* the first one, whose result is not known yet */
    assert_near(pace_resumes(&pace, 21), 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(videos_keep_their_distance),
        cmocka_unit_test(when_it_resumes),
        cmocka_unit_test(without_limits_nothing_waits),
        cmocka_unit_test(a_refusal_stops_all_then_one_goes_first),
        cmocka_unit_test(refusals_of_one_burst_are_one),
        cmocka_unit_test(pauses_double_and_then_end),
        cmocka_unit_test(what_is_served_makes_pauses_count_anew),
        cmocka_unit_test(an_answer_lets_only_the_tester_go_on),
        cmocka_unit_test(a_refusal_of_any_request_ends_the_test),
        cmocka_unit_test(a_tester_that_begins_anew_keeps_its_distance),
        cmocka_unit_test(without_a_test_no_end_tells_anything),
        cmocka_unit_test(pauses_of_one_video_on_end_count_as_one),
        cmocka_unit_test(rounds_are_paid_for_by_videos),
        cmocka_unit_test(what_started_before_the_pause_tells_nothing_new),
        cmocka_unit_test(a_test_without_answer_is_followed_by_another),
        cmocka_unit_test(what_the_source_asks_for_is_obeyed),
        cmocka_unit_test(what_the_source_asks_for_has_an_end),
        cmocka_unit_test(a_source_that_names_a_short_time_is_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
