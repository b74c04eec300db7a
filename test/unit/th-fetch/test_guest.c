/* The pace of YouTube's pages: which pages, when, and how long many take. */
#include "th-fetch/policy/guest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static void pages_of_youtube(void **state)
{
    static const char *const pages[] = {"https://www.youtube.com/watch?v=x",
                                        "https://YouTube.com/shorts/x",
                                        "http://m.youtube.com/watch?v=x",
                                        "https://music.youtube.com/watch?v=x",
                                        "https://youtu.be/x",
                                        "https://www.youtube-nocookie.com/embed/x"};
    static const char *const others[] = {"https://vimeo.com/1", "https://notyoutube.com/watch?v=x",
                                         "https://youtube.com.example.org/x", "http://127.0.0.1/youtube.com/x",
                                         "file:///youtube.com/x.mp4"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        if (!guest_is_youtube(pages[i]))
            fail_msg("%s is a page of YouTube", pages[i]);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (guest_is_youtube(others[i]))
            fail_msg("%s is no page of YouTube", others[i]);
}

static void starts_are_apart(void **state)
{
    struct guest guest = {.gap = GUEST_GAP};
    double wake;

    (void)state;
    assert_true(guest_may_start(&guest, 100, &wake));
    guest_started(&guest, 100);
    guest_ended(&guest);
    assert_false(guest_may_start(&guest, 100 + GUEST_GAP - 0.1, &wake));
    assert_true(wake == 100 + GUEST_GAP);
    assert_true(guest_may_start(&guest, 100 + GUEST_GAP, &wake));
}

static void only_two_run(void **state)
{
    struct guest guest = {.gap = GUEST_GAP};
    double wake;

    (void)state;
    guest_started(&guest, 100);
    guest_started(&guest, 200);
    assert_false(guest_may_start(&guest, 300, &wake));
    assert_true(isinf(wake));
    guest_ended(&guest);
    assert_true(guest_may_start(&guest, 300, &wake));
}

static void an_hour_has_300_pages(void **state)
{
    struct guest guest = {.gap = GUEST_GAP};
    double wake;
    int pages = 0;

    (void)state;
    for (double now = 1; now < 3601; now++)
        if (guest_may_start(&guest, now, &wake)) {
            guest_started(&guest, now);
            guest_ended(&guest);
            pages++;
        }
    assert_int_equal(pages, 300);
}

static void four_runs_share_an_hour(void **state)
{
    struct guest guests[4];
    double wake, last = 0;
    int pages = 0;

    (void)state;
    for (int run = 0; run < 4; run++)
        guest_init(&guests[run], 4, 1 + run * GUEST_GAP);
    for (double now = 1; now < 3601; now++)
        for (int run = 0; run < 4; run++)
            if (guest_may_start(&guests[run], now, &wake)) {
                assert_true(pages == 0 || now - last == GUEST_GAP);
                guest_started(&guests[run], now);
                guest_ended(&guests[run]);
                last = now;
                pages++;
            }
    assert_int_equal(pages, 300);
}

static void how_long_many_take(void **state)
{
    static const struct {
        size_t pages;
        const char *expected;
    } cases[] = {
        {25, "about 5 min"}, {28, "about 6 min"}, {299, "about 60 min"}, {300, "about 1 h"}, {2872, "about 10 h"}};
    char duration[40];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        guest_duration(cases[i].pages, GUEST_GAP, duration, sizeof duration);
        assert_string_equal(duration, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages_of_youtube),
                                       cmocka_unit_test(starts_are_apart),
                                       cmocka_unit_test(only_two_run),
                                       cmocka_unit_test(an_hour_has_300_pages),
                                       cmocka_unit_test(four_runs_share_an_hour),
                                       cmocka_unit_test(how_long_many_take)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
