#include "common/output/byte_ranges.h"

#include <stdlib.h>
#include <string.h>

#include "test/unit/unit.h"

/* Adds "0-5 7-9". */
static void add(struct byte_ranges *ranges, const char *text)
{
    for (char *at = (char *)text; *at;) {
        int64_t from = strtoll(at, &at, 10), to = strtoll(at + 1, &at, 10);

        assert_int_equal(byte_ranges_add(ranges, from, to), 0);
    }
}

static void expect(const struct byte_ranges *ranges, const char *text)
{
    char got[200] = "";

    for (size_t i = 0; i < ranges->count; i++)
        sprintf(got + strlen(got), "%s%lld-%lld", i ? " " : "", (long long)ranges->list[i].from,
                (long long)ranges->list[i].to);
    assert_string_equal(got, text);
}

static void ranges_join_when_they_touch(void **state)
{
    static const struct {
        const char *added, *result;
    } cases[] = {
        {"", ""},
        {"3-3", ""},
        {"5-9 0-3", "0-3 5-9"},
        {"0-3 3-5", "0-5"},
        {"3-5 0-3", "0-5"},
        {"0-9 3-5", "0-9"},
        {"3-5 0-9", "0-9"},
        {"0-2 4-6 8-9 1-8", "0-9"},
        {"0-2 4-6 8-9 3-7", "0-2 3-7 8-9"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct byte_ranges ranges = {0};

        add(&ranges, cases[i].added);
        expect(&ranges, cases[i].result);
        byte_ranges_clear(&ranges);
    }
}

static void what_is_there(void **state)
{
    struct byte_ranges ranges = {0};

    (void)state;
    add(&ranges, "2-4 6-9");
    assert_int_equal(byte_ranges_bytes(&ranges), 5);
    assert_int_equal(byte_ranges_end(&ranges, 0), 0);
    assert_int_equal(byte_ranges_end(&ranges, 2), 4);
    assert_int_equal(byte_ranges_end(&ranges, 3), 4);
    assert_int_equal(byte_ranges_end(&ranges, 4), 4);
    assert_int_equal(byte_ranges_next(&ranges, 0), 2);
    assert_int_equal(byte_ranges_next(&ranges, 3), 3);
    assert_int_equal(byte_ranges_next(&ranges, 4), 6);
    assert_true(byte_ranges_next(&ranges, 9) == INT64_MAX);
    assert_true(byte_ranges_hold(&ranges, 6, 3));
    assert_true(byte_ranges_hold(&ranges, 20, 0));
    assert_false(byte_ranges_hold(&ranges, 6, 4));
    assert_false(byte_ranges_hold(&ranges, 3, 4));
    byte_ranges_clear(&ranges);
}

static void what_is_missing(void **state)
{
    static const struct {
        const char *wanted, *there, *missing;
    } cases[] = {
        {"0-9", "", "0-9"},        {"0-9", "0-9", ""}, {"0-9", "2-4 6-7", "0-2 4-6 7-9"}, {"0-3 5-9", "2-6", "0-2 6-9"},
        {"3-4", "0-3 4-9", "3-4"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct byte_ranges wanted = {0}, there = {0}, missing = {0};

        add(&wanted, cases[i].wanted);
        add(&there, cases[i].there);
        assert_int_equal(byte_ranges_subtract(&missing, &wanted, &there), 0);
        expect(&missing, cases[i].missing);
        byte_ranges_clear(&wanted);
        byte_ranges_clear(&there);
        byte_ranges_clear(&missing);
    }
}

static void near_neighbours_join(void **state)
{
    struct byte_ranges ranges = {0};

    (void)state;
    byte_ranges_join(&ranges, 2);
    add(&ranges, "0-2 4-6 9-10 11-12");
    byte_ranges_join(&ranges, 2);
    expect(&ranges, "0-6 9-12");
    byte_ranges_clear(&ranges);
}

static void json(void **state)
{
    static const char *const bad[] = {"{}", "[[1]]", "[[1,2,3]]", "[[2,1]]", "[[-1,2]]", "[[0,1],\"x\"]"};
    struct byte_ranges ranges = {0}, read = {0};
    json_t *value;

    (void)state;
    add(&ranges, "0-2 4-6");
    value = byte_ranges_to_json(&ranges);
    assert_true(byte_ranges_from_json(&read, value));
    expect(&read, "0-2 4-6");
    json_decref(value);
    byte_ranges_clear(&ranges);
    byte_ranges_clear(&read);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        value = json_loads(bad[i], 0, NULL);
        assert_false(byte_ranges_from_json(&read, value));
        assert_int_equal(read.count, 0);
        json_decref(value);
    }
    assert_false(byte_ranges_from_json(&read, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_join_when_they_touch),
        cmocka_unit_test(what_is_there),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(near_neighbours_join),
        cmocka_unit_test(json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
