/* Hashes of names. They decide which shard an id is in and which clips a report shows: they must never change. */
#include "common/hash.h"

#include <string.h>

#include "test/unit/unit.h"

static uint64_t fnv(const char *text)
{
    return hash_add(HASH_EMPTY, text, strlen(text));
}

/* The vectors of draft-eastlake-fnv. */
static void known_vectors_of_fnv_1a(void **state)
{
    (void)state;
    assert_int_equal(fnv(""), 0xCBF29CE484222325);
    assert_int_equal(fnv("a"), 0xAF63DC4C8601EC8C);
    assert_int_equal(fnv("foobar"), 0x85944171F73967E8);
}

static void pieces_add_up(void **state)
{
    (void)state;
    assert_int_equal(hash_add(fnv("foo"), "bar", 3), fnv("foobar"));
    assert_int_equal(hash_add(fnv("foo"), "", 0), fnv("foo"));
}

/* What fmix64 of MurmurHash3 (Appleby, smhasher) makes of them. */
static void known_vectors_of_the_finalizer(void **state)
{
    (void)state;
    assert_int_equal(hash_spread(0), 0);
    assert_int_equal(hash_spread(1), 0xB456BCFC34C2CB2C);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_vectors_of_fnv_1a),
        cmocka_unit_test(pieces_add_up),
        cmocka_unit_test(known_vectors_of_the_finalizer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
