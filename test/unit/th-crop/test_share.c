/* How tubes are divided among processes. */
#include "th-crop/plan/share.h"

#include <stdbool.h>
#include <stdlib.h>

#include "test/unit/unit.h"

enum { TUBES_MAX = 60 };

/* A box of a quarter of the picture. */
static struct tube tube_of(int start, int end)
{
    return (struct tube){
        .height = 720, .width = 1280, .start = start, .end = end, .left = 100, .right = 740, .bottom = 360};
}

/* As text: the share of each tube, named by letters in the order in which the tubes meet them. */
static const char *divide(const struct tube *tubes, size_t count, size_t most)
{
    static char text[TUBES_MAX + 1];
    char names[TUBES_MAX] = {0}, next = 'a';
    size_t shares[TUBES_MAX], made = share_divide(tubes, count, most, shares);

    assert_in_range(made, 1, most);
    for (size_t i = 0; i < count; i++) {
        assert_in_range(shares[i], 0, made - 1);
        if (!names[shares[i]])
            names[shares[i]] = next++;
        text[i] = names[shares[i]];
    }
    text[count] = '\0';
    assert_int_equal(next - 'a', made); /* none is empty */
    return text;
}

static void test_halves_take_about_the_same_time(void **state)
{
    const struct tube alike[] = {tube_of(0, 449), tube_of(450, 899), tube_of(900, 1349), tube_of(1350, 1799)};
    const struct tube one_long[] = {tube_of(0, 899), tube_of(900, 1199), tube_of(1200, 1499), tube_of(1500, 1799)};
    const struct tube mixed[] = {tube_of(1350, 1799), tube_of(0, 449), tube_of(900, 1349), tube_of(450, 899)};
    struct tube one_large[] = {tube_of(0, 449), tube_of(450, 899), tube_of(900, 1349), tube_of(1350, 1799)};

    (void)state;
    one_large[3].right = 1280;
    one_large[3].left = 0;
    one_large[3].bottom = 720;
    assert_string_equal(divide(alike, 4, 2), "aabb");
    assert_string_equal(divide(one_long, 4, 2), "abbb");
    assert_string_equal(divide(mixed, 4, 2), "abab");
    assert_string_equal(divide(one_large, 4, 2), "aaab");
}

static void test_as_many_shares_as_help(void **state)
{
    const struct tube tubes[] = {tube_of(0, 899), tube_of(900, 1799), tube_of(1800, 2699), tube_of(2700, 3599)};

    (void)state;
    assert_string_equal(divide(tubes, 4, 1), "aaaa");
    assert_string_equal(divide(tubes, 4, 2), "aabb");
    assert_string_equal(divide(tubes, 4, 4), "abcd");
    assert_string_equal(divide(tubes, 4, 16), "abcd");
    assert_string_equal(divide(tubes, 1, 16), "a");
}

static void test_what_would_be_decoded_twice_stays_together(void **state)
{
    const struct tube side_by_side[] = {tube_of(0, 1799), tube_of(0, 1799), tube_of(0, 1799)};
    const struct tube across[] = {tube_of(0, 1199), tube_of(600, 1799)};
    const struct tube a_little[] = {tube_of(0, 919), tube_of(880, 1799)};
    const struct tube two_and_two[] = {tube_of(0, 899), tube_of(0, 899), tube_of(900, 1799), tube_of(900, 1799)};
    const struct tube brief[] = {tube_of(0, 99), tube_of(100, 199)};

    (void)state;
    assert_string_equal(divide(side_by_side, 3, 3), "aaa");
    assert_string_equal(divide(across, 2, 2), "aa");
    assert_string_equal(divide(a_little, 2, 2), "ab");
    assert_string_equal(divide(two_and_two, 4, 4), "aabb");
    assert_string_equal(divide(brief, 2, 2), "aa");
}

static void test_tubes_without_sense_cost_nothing(void **state)
{
    struct tube tubes[] = {tube_of(0, 899), tube_of(900, 1799), tube_of(50, 20), tube_of(0, INT32_MAX),
                           tube_of(0, INT32_MAX)};
    size_t shares[COUNT_OF(tubes)];

    (void)state;
    tubes[3].width = 0;
    tubes[4].left = 5000;
    assert_int_equal(share_divide(tubes, COUNT_OF(tubes), 2, shares), 2);
    assert_int_not_equal(shares[0], shares[1]);
    assert_int_equal(share_divide(tubes + 2, 3, 2, shares), 1);
}

/* The tubes of two shares are never mixed in time, whatever the tubes. */
static void test_shares_follow_one_another(void **state)
{
    struct tube tubes[TUBES_MAX];
    size_t shares[TUBES_MAX], divided = 0;

    (void)state;
    srand(7);
    for (int round = 0; round < 500; round++) {
        size_t count = 1 + (size_t)rand() % TUBES_MAX, most = 1 + (size_t)rand() % 8, made;
        int at = 0;

        for (size_t i = 0; i < count; i++) {
            int length = 1 + rand() % 200;

            tubes[i] = tube_of(at, at + length - 1);
            at += rand() % 4 ? length : length / 2;
        }
        made = share_divide(tubes, count, most, shares);
        assert_in_range(made, 1, most);
        divided += made > 1;
        for (size_t i = 1, changes = 0; i < count; i++) {
            changes += shares[i] != shares[i - 1];
            assert_in_range(changes, 0, made - 1);
        }
    }
    assert_in_range(divided, 100, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_halves_take_about_the_same_time), cmocka_unit_test(test_as_many_shares_as_help),
        cmocka_unit_test(test_what_would_be_decoded_twice_stays_together),
        cmocka_unit_test(test_tubes_without_sense_cost_nothing), cmocka_unit_test(test_shares_follow_one_another)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
