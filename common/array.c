#include "common/array.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_ROOM = 64 };

void *array_make_room(void *array, size_t count, size_t *room, size_t size)
{
    size_t wanted = *room ? *room + *room / 2 : FIRST_ROOM;
    void *grown;

    if (count < *room)
        return array;
    grown = reallocarray(array, wanted, size);
    if (grown)
        *room = wanted;
    return grown;
}

int array_compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}
