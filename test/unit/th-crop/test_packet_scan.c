/* The unit and the durations that times give. */
#include "test/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "th-crop/decode/packet_scan.h"

/* A scan with a copy of times. */
static struct packet_scan make(const int64_t *times, size_t count)
{
    struct packet_scan scan = {.unit = 1};
    int64_t *copy = malloc((count + 1) * sizeof *copy);

    assert_non_null(copy);
    if (count)
        memcpy(copy, times, count * sizeof *copy);
    packet_scan_set_times(&scan, copy, count);
    return scan;
}

static void the_unit_is_the_coarsest_that_is_exact(void **state)
{
    static const struct {
        int64_t times[6];
        size_t count;
        int64_t unit;
    } cases[] = {
        {{0}, 0, 1},                                          /* nothing known */
        {{700}, 1, 1},                                        /* no distance */
        {{0, 512, 1024, 1536}, 4, 512},                       /* 25/s in 1/12800 s */
        {{1024, 2560, 1536, 512, 2048}, 5, 512},              /* in decoding order, not from 0 */
        {{0, 1001, 2002, 3003}, 4, 1001},                     /* 29.97/s in 1/30000 s */
        {{0, 33, 67, 100}, 4, 1},                             /* rounded to 1/1000 s */
        {{0, 40, 80, 200, 320}, 5, 40},                       /* frames left out */
        {{-1024, -512, 0}, 3, 512},                           /* before 0 */
        {{7, 1007}, 2, 1000},                                 /* two frames */
        {{0, 512, 512, 1024}, 4, 1},                          /* two at the same time: not usable */
        {{INT64_MIN + 1, INT64_MAX}, 2, 1},                   /* a distance beyond int64_t */
        {{INT64_MAX - 20, INT64_MAX - 10, INT64_MAX}, 3, 10}, /* huge, but valid */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct packet_scan scan = make(cases[i].times, cases[i].count);

        assert_int_equal(scan.unit, cases[i].unit);
        packet_scan_clear(&scan);
        assert_int_equal(scan.unit, 1);
    }
}

static void a_frame_lasts_until_the_next_one(void **state)
{
    static const int64_t times[] = {1000, 3000, 2000, 6000};
    struct packet_scan scan = make(times, COUNT_OF(times));

    (void)state;
    assert_int_equal(packet_scan_duration(&scan, 1000), 1000);
    assert_int_equal(packet_scan_duration(&scan, 2000), 1000);
    assert_int_equal(packet_scan_duration(&scan, 3000), 3000);
    assert_int_equal(packet_scan_duration(&scan, 6000), 0); /* the last one: not known */
    assert_int_equal(packet_scan_duration(&scan, 1500), 0); /* not among them */
    packet_scan_clear(&scan);
    assert_int_equal(packet_scan_duration(&scan, 1000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_unit_is_the_coarsest_that_is_exact),
        cmocka_unit_test(a_frame_lasts_until_the_next_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
