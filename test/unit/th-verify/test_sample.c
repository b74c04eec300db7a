#include "th-verify/report/sample.h"

#include <stdlib.h>

#include "test/unit/unit.h"

static void put(struct sample *sample, uint64_t hash)
{
    json_t *record = json_integer((json_int_t)hash);

    sample_put(sample, hash, record);
    json_decref(record);
}

static void assert_sample(const struct sample *sample, const uint64_t *expected, size_t count)
{
    assert_int_equal(sample->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sample->chosen[i].hash, expected[i]);
        assert_int_equal(json_integer_value(sample->chosen[i].record), expected[i]);
    }
}

static void the_lowest_stay_in_any_order(void **state)
{
    static const uint64_t expected[] = {0, 1, 2, 3};

    (void)state;
    for (unsigned seed = 1; seed <= 50; seed++) {
        struct sample sample = {.limit = 4};
        uint64_t order[30] = {0};

        srand(seed);
        for (uint64_t i = 0; i < 30; i++) {
            uint64_t other = (uint64_t)rand() % (i + 1);

            order[i] = order[other];
            order[other] = i;
        }
        for (size_t i = 0; i < 30; i++)
            put(&sample, order[i]);
        assert_sample(&sample, expected, 4);
        sample_clear(&sample);
    }
}

static void a_later_record_takes_the_place_of_the_former(void **state)
{
    struct sample sample = {.limit = 3};
    json_t *record = json_integer(77);

    (void)state;
    for (uint64_t hash = 1; hash <= 3; hash++)
        put(&sample, hash);
    sample_put(&sample, 2, record);
    json_decref(record);
    assert_int_equal(sample.count, 3);
    assert_int_equal(json_integer_value(sample.chosen[1].record), 77);
    sample_clear(&sample);
    assert_int_equal(sample.count, 0);
}

static void what_is_dropped_leaves_room(void **state)
{
    static const uint64_t expected[] = {1, 3, 9};
    struct sample sample = {.limit = 3};

    (void)state;
    for (uint64_t hash = 1; hash <= 3; hash++)
        put(&sample, hash);
    sample_drop(&sample, 2);
    sample_drop(&sample, 2);
    sample_drop(&sample, 100);
    put(&sample, 9);
    put(&sample, 10);
    assert_sample(&sample, expected, 3);
    sample_clear(&sample);
    sample_drop(&sample, 1);
}

static void a_sample_of_none_takes_none(void **state)
{
    struct sample sample = {.limit = 0};

    (void)state;
    put(&sample, 1);
    assert_int_equal(sample.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_stay_in_any_order), cmocka_unit_test(a_later_record_takes_the_place_of_the_former),
        cmocka_unit_test(what_is_dropped_leaves_room), cmocka_unit_test(a_sample_of_none_takes_none)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
