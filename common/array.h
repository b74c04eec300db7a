/* Arrays that grow. */
#ifndef COMMON_ARRAY_H
#define COMMON_ARRAY_H

#include <stddef.h>

/* Makes room for one more element in an array (free(); NULL: none yet) of count elements of `size` bytes each. *room is
 * its capacity in elements, which grows by half. Returns the array, which may have moved; NULL when out of memory: then
 * array is unchanged. */
void *array_make_room(void *array, size_t count, size_t *room, size_t size);

/* For qsort and bsearch: compares elements that begin with an int64_t, such as a time, by that number. */
int array_compare_int64(const void *a, const void *b);

#endif
