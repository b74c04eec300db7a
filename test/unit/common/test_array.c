/* array_make_room. */
#include "common/array.h"

#include <stdlib.h>

#include "test/unit/unit.h"

static void an_array_grows_from_NULL_and_keeps_its_elements(void **state)
{
    size_t count = 0, room = 0, moves = 0;
    int *numbers = NULL;

    (void)state;
    while (count < 10000) {
        size_t before = room;
        int *grown = array_make_room(numbers, count, &room, sizeof *grown);

        assert_non_null(grown);
        assert_true(count < room);
        moves += room != before;
        numbers = grown;
        numbers[count] = (int)count;
        count++;
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(numbers[i], i);
    assert_true(moves < 20);
    free(numbers);
}

static void an_array_with_room_does_not_move(void **state)
{
    int numbers[2] = {0};
    size_t room = 2;

    (void)state;
    assert_ptr_equal(array_make_room(numbers, 1, &room, sizeof *numbers), numbers);
    assert_int_equal(room, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_grows_from_NULL_and_keeps_its_elements),
        cmocka_unit_test(an_array_with_room_does_not_move),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
