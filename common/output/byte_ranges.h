/* Which bytes of a file are there: a sorted list of ranges that neither overlap nor touch. */
#ifndef COMMON_OUTPUT_BYTE_RANGES_H
#define COMMON_OUTPUT_BYTE_RANGES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byte_range {
    int64_t from, to; /* offsets; to is the first one behind it */
};

/* Zeroed it is empty. */
struct byte_ranges {
    struct byte_range *list;
    size_t count, room;
};

/* Frees what ranges owns and makes it empty. */
void byte_ranges_clear(struct byte_ranges *ranges);

/* Adds the bytes from `from` (at least 0) up to `to`; nothing when there are none. 0, or -1 when out of memory. */
int byte_ranges_add(struct byte_ranges *ranges, int64_t from, int64_t to);

/* The first offset from `at` on that is not in the ranges. */
int64_t byte_ranges_end(const struct byte_ranges *ranges, int64_t at);

/* The first offset from `at` on that is in the ranges, or INT64_MAX. */
int64_t byte_ranges_next(const struct byte_ranges *ranges, int64_t at);

/* Whether all of size bytes at offset `at` are in the ranges. */
bool byte_ranges_hold(const struct byte_ranges *ranges, int64_t at, int64_t size);

/* The number of bytes in the ranges. */
int64_t byte_ranges_bytes(const struct byte_ranges *ranges);

/* Adds to missing the bytes of wanted that are not in ranges. 0, or -1 when out of memory. */
int byte_ranges_subtract(struct byte_ranges *missing, const struct byte_ranges *wanted,
                         const struct byte_ranges *ranges);

/* Joins neighbours that are at most `gap` bytes apart. */
void byte_ranges_join(struct byte_ranges *ranges, int64_t gap);

/* As JSON: [[from, to], ...]. New (json_decref), NULL when out of memory. */
json_t *byte_ranges_to_json(const struct byte_ranges *ranges);

/* Reads that form; ranges is empty before. False when json has another one, or memory runs out: then it is empty again.
 */
bool byte_ranges_from_json(struct byte_ranges *ranges, const json_t *json);

#endif
