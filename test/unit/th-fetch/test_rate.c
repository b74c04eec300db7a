#include "th-fetch/transfer/rate.h"

#include "test/unit/unit.h"

static void no_limit(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, 0, 0);
    for (int i = 0; i < 100; i++)
        assert_true(rate_take(&rate, 1 << 30, 0));
    assert_true(rate_wait(&rate, 0) <= 0);
}

/* Takes pieces as fast as it may for `seconds`, and returns the bytes. */
static double run(int64_t limit, size_t piece, double seconds)
{
    struct rate rate;
    double now = 0, bytes = 0;

    rate_init(&rate, limit, now);
    while (now < seconds) {
        if (rate_take(&rate, piece, now))
            bytes += (double)piece;
        else
            now += rate_wait(&rate, now);
    }
    return bytes;
}

static void the_limit_is_kept(void **state)
{
    static const int64_t limits[] = {1, 1000, 100000, 1000000, 123456789};
    static const size_t pieces[] = {1, 1000, 16384, 262144};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++)
        for (size_t j = 0; j < COUNT_OF(pieces); j++) {
            double seconds = 20, limit = (double)limits[i], piece = (double)pieces[j];

            if (limit / piece > 100000)
                continue; /* too many steps for a test */
            double bytes = run(limits[i], pieces[j], seconds);
            assert_true(bytes <= limit * (seconds + 0.25) + piece + 1);
            assert_true(bytes >= limit * seconds * 0.99 - piece - 1 || bytes >= piece);
        }
}

static void silence_is_not_saved_up(void **state)
{
    struct rate rate;

    (void)state;
    rate_init(&rate, 1000, 0);
    assert_true(rate_take(&rate, 250, 100));
    assert_false(rate_take(&rate, 1, 100));
    assert_true(rate_take(&rate, 1, 100.01));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_limit), cmocka_unit_test(the_limit_is_kept),
                                       cmocka_unit_test(silence_is_not_saved_up)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
