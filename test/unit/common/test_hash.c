/* The hash decides which shard an id is in and which clips a report shows, so it must never change. */
#include "common/hash.h"

#include <stdio.h>
#include <string.h>

#include "test/unit/unit.h"

static uint64_t hash(const char *text)
{
    return hash_add(HASH_EMPTY, text, strlen(text));
}

/* The check values of CRC-32/ISO-HDLC and CRC-32/BZIP2, which invert all bits at the end. The lower half has reversed
 * bytes, on every machine. */
static void known_check_values(void **state)
{
    (void)state;
    assert_int_equal(~hash("123456789") >> 32, 0xCBF43926);
    assert_int_equal(__builtin_bswap32((uint32_t)~hash("123456789")), 0xFC891918);
}

static void pieces_add_up(void **state)
{
    (void)state;
    assert_int_equal(hash_add(hash("foo"), "bar", 3), hash("foobar"));
    assert_int_equal(hash_add(hash("foo"), "", 0), hash("foo"));
}

/* Similar names are spread evenly over shards and over the slots of a hash table. */
static void names_spread_evenly(void **state)
{
    enum { NAMES = 8000, SHARDS = 8, LEAST = 900, MOST = 1100 };
    int by_remainder[SHARDS] = {0}, by_prime[SHARDS] = {0}, by_high_bits[SHARDS] = {0};

    (void)state;
    for (int i = 0; i < NAMES; i++) {
        char name[32];
        uint64_t sum;

        snprintf(name, sizeof name, "abcdefghijk_%04d", i);
        sum = hash(name);
        by_remainder[sum % SHARDS]++;
        by_prime[sum % 7919 % SHARDS]++;
        by_high_bits[sum >> 61]++;
    }
    for (int i = 0; i < SHARDS; i++) {
        assert_in_range(by_remainder[i], LEAST, MOST);
        assert_in_range(by_prime[i], LEAST, MOST);
        assert_in_range(by_high_bits[i], LEAST, MOST);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_check_values),
        cmocka_unit_test(pieces_add_up),
        cmocka_unit_test(names_spread_evenly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
