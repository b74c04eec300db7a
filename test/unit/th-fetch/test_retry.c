/* One video refused, the next tests: each way in which its test may end, and who may ask then. */
#include "th-fetch/policy/retry.h"

#include <string.h>

#include "test/unit/unit.h"

struct run {
    struct retry retry;
    struct console *console;
    struct item refused, tester, other;
};

static const struct verdict good = {.kind = POLICY_GOOD}, again = {.kind = POLICY_RETRY},
                            no = {.kind = POLICY_GIVE_UP, .error = {.word = ERROR_GONE}},
                            crashed = {.kind = POLICY_GIVE_UP, .error = {.word = ERROR_CRASHED}},
                            expired = {.kind = POLICY_EXPIRED},
                            pause_all = {.kind = POLICY_PAUSE, .error = {.word = ERROR_RATE_LIMITED}};

static struct item new_item(char *id)
{
    static char page[] = "https://example.org/page";

    return (struct item){.input = {.id = id, .url = page}, .step = ITEM_RESOLVE};
}

/* A pause of no length has ended, and the tester has sent its first request. */
static int set_up(void **state)
{
    static struct run run;
    static char ids[3][8] = {"refused", "tester", "other"};
    struct policy_limits limits = {.retries = 3, .delay = 0};
    struct pace_limits pace = {.pause = 0, .max_pauses = 2};

    run = (struct run){.refused = new_item(ids[0]), .tester = new_item(ids[1]), .other = new_item(ids[2])};
    run.console = console_alloc("test_retry", -1, PROGRESS_NEVER);
    retry_init(&run.retry, &limits, &pace, run.console);
    assert_true(retry_may_request(&run.retry, &run.refused));
    retry_ended(&run.retry, &run.refused, &pause_all, PACE_ANSWER);
    while (!retry_may_request(&run.retry, &run.tester)) /* the clock has to move */
        assert_int_equal(run.retry.pace.state, PACE_PAUSED);
    assert_int_equal(run.retry.pace.state, PACE_TESTING);
    *state = &run;
    return 0;
}

static int tear_down(void **state)
{
    struct run *run = *state;

    console_free(&run->console);
    return 0;
}

/* Nobody but the tester may ask. */
static void assert_test_goes_on(struct run *run)
{
    assert_false(retry_may_request(&run->retry, &run->other));
    assert_false(retry_may_request(&run->retry, &run->refused));
}

/* The next video tests, and no more than that one. */
static void assert_next_tests(struct run *run)
{
    assert_true(retry_may_request(&run->retry, &run->other));
    assert_int_equal(run->retry.pace.state, PACE_TESTING);
    assert_false(retry_may_request(&run->retry, &run->tester));
    assert_int_equal(run->retry.pace.pauses, 1);
}

static void assert_open(struct run *run)
{
    assert_int_equal(run->retry.pace.state, PACE_OPEN);
    assert_int_equal(run->retry.pace.pauses, 0);
    assert_true(retry_may_request(&run->retry, &run->other));
    assert_true(retry_may_request(&run->retry, &run->refused));
}

/* The resolver has answered, and the tester's transfer is under way. */
static void begin_transfer(struct run *run)
{
    retry_ended(&run->retry, &run->tester, &good, PACE_ANSWER);
    run->tester.step = ITEM_DOWNLOAD;
    assert_test_goes_on(run);
    assert_true(retry_may_request(&run->retry, &run->tester));
    assert_test_goes_on(run);
}

static void the_data_begin_to_come(void **state)
{
    begin_transfer(*state);
    retry_ended(&((struct run *)*state)->retry, &((struct run *)*state)->tester, &good, PACE_SERVED);
    assert_open(*state);
}

static void the_source_says_no_for_certain(void **state)
{
    struct run *run = *state;

    retry_ended(&run->retry, &run->tester, &no, PACE_ANSWER);
    assert_open(run);
}

static void the_resolver_gives_no_answer(void **state)
{
    struct run *run = *state;

    retry_ended(&run->retry, &run->tester, &again, PACE_ANSWER);
    assert_next_tests(run);
}

static void the_resolver_crashes(void **state)
{
    struct run *run = *state;

    retry_ended(&run->retry, &run->tester, &crashed, PACE_ANSWER);
    assert_next_tests(run);
}

static void the_transfer_breaks_off_before_it_begins(void **state)
{
    struct run *run = *state;

    begin_transfer(run);
    retry_ended(&run->retry, &run->tester, &again, PACE_SERVED);
    assert_next_tests(run);
}

static void the_address_has_expired(void **state)
{
    struct run *run = *state;

    begin_transfer(run);
    retry_ended(&run->retry, &run->tester, &expired, PACE_SERVED);
    run->tester.step = ITEM_RESOLVE;
    assert_test_goes_on(run);
    assert_true(retry_may_request(&run->retry, &run->tester));
}

static void the_tester_is_refused(void **state)
{
    struct run *run = *state;

    begin_transfer(run);
    retry_ended(&run->retry, &run->tester, &pause_all, PACE_SERVED);
    assert_int_equal(run->retry.pace.pauses, 2);
    assert_null(run->retry.tester);
    while (!retry_may_request(&run->retry, &run->other))
        assert_int_equal(run->retry.pace.state, PACE_PAUSED);
    assert_false(retry_may_request(&run->retry, &run->tester));
}

/* Its record is written, or its file was there already: whatever it was. */
static void the_tester_leaves_without_a_word(void **state)
{
    struct run *run = *state;

    retry_leave(&run->retry, &run->tester);
    assert_next_tests(run);
}

static void the_tester_leaves_between_its_requests(void **state)
{
    struct run *run = *state;

    retry_ended(&run->retry, &run->tester, &good, PACE_ANSWER);
    retry_leave(&run->retry, &run->tester);
    assert_next_tests(run);
}

static void others_do_not_end_the_test(void **state)
{
    struct run *run = *state;

    retry_leave(&run->retry, &run->other);
    retry_ended(&run->retry, &run->refused, &good, PACE_SERVED); /* what it began before the pause */
    retry_ended(&run->retry, &run->refused, &pause_all, PACE_SERVED);
    assert_test_goes_on(run);
    assert_int_equal(run->retry.pace.pauses, 1);
}

/* However often one video is refused: the others are asked for. */
static void one_video_is_one_strike(void **state)
{
    struct run *run = *state;

    retry_leave(&run->retry, &run->tester);
    for (int i = 0; i < 10; i++) {
        while (!retry_may_request(&run->retry, &run->refused))
            assert_int_equal(run->retry.pace.state, PACE_PAUSED);
        retry_ended(&run->retry, &run->refused, &pause_all, PACE_ANSWER);
    }
    assert_false(retry_has_given_up(&run->retry));
    /* Another one in its place, at its address in memory. */
    retry_leave(&run->retry, &run->refused);
    for (int i = 0; i < 2; i++) {
        while (!retry_may_request(&run->retry, i == 0 ? &run->refused : &run->other))
            assert_int_equal(run->retry.pace.state, PACE_PAUSED);
        retry_ended(&run->retry, i == 0 ? &run->refused : &run->other, &pause_all, PACE_ANSWER);
    }
    assert_true(retry_has_given_up(&run->retry));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_data_begin_to_come),
        TEST(the_source_says_no_for_certain),
        TEST(the_resolver_gives_no_answer),
        TEST(the_resolver_crashes),
        TEST(the_transfer_breaks_off_before_it_begins),
        TEST(the_address_has_expired),
        TEST(the_tester_is_refused),
        TEST(the_tester_leaves_without_a_word),
        TEST(the_tester_leaves_between_its_requests),
        TEST(others_do_not_end_the_test),
        TEST(one_video_is_one_strike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
