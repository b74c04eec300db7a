#include "common/output/byte_ranges.h"

#include <stdlib.h>
#include <string.h>

#include "common/array.h"

void byte_ranges_clear(struct byte_ranges *ranges)
{
    free(ranges->list);
    *ranges = (struct byte_ranges){0};
}

/* The index of the first range that ends at `at` or later. */
static size_t find(const struct byte_ranges *ranges, int64_t at)
{
    size_t low = 0, high = ranges->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ranges->list[middle].to < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int byte_ranges_add(struct byte_ranges *ranges, int64_t from, int64_t to)
{
    size_t first = find(ranges, from), end = first;
    struct byte_range *list;

    if (from >= to)
        return 0;
    for (; end < ranges->count && ranges->list[end].from <= to; end++) {
        if (ranges->list[end].from < from)
            from = ranges->list[end].from;
        if (ranges->list[end].to > to)
            to = ranges->list[end].to;
    }
    list = array_make_room(ranges->list, ranges->count, &ranges->room, sizeof *list);
    if (!list)
        return -1;
    ranges->list = list;
    memmove(list + first + 1, list + end, (ranges->count - end) * sizeof *list);
    list[first] = (struct byte_range){from, to};
    ranges->count = ranges->count - (end - first) + 1;
    return 0;
}

int64_t byte_ranges_end(const struct byte_ranges *ranges, int64_t at)
{
    size_t i = find(ranges, at);

    return i < ranges->count && ranges->list[i].from <= at ? ranges->list[i].to : at;
}

int64_t byte_ranges_next(const struct byte_ranges *ranges, int64_t at)
{
    size_t i = find(ranges, at);

    if (i < ranges->count && ranges->list[i].to == at)
        i++;
    if (i == ranges->count)
        return INT64_MAX;
    return ranges->list[i].from > at ? ranges->list[i].from : at;
}

bool byte_ranges_hold(const struct byte_ranges *ranges, int64_t at, int64_t size)
{
    return size <= 0 || byte_ranges_end(ranges, at) - at >= size;
}

int64_t byte_ranges_bytes(const struct byte_ranges *ranges)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < ranges->count; i++)
        bytes += ranges->list[i].to - ranges->list[i].from;
    return bytes;
}

int byte_ranges_subtract(struct byte_ranges *missing, const struct byte_ranges *wanted,
                         const struct byte_ranges *ranges)
{
    for (size_t i = 0; i < wanted->count; i++) {
        int64_t end = wanted->list[i].to;

        for (int64_t from = byte_ranges_end(ranges, wanted->list[i].from), to; from < end;
             from = byte_ranges_end(ranges, to)) {
            to = byte_ranges_next(ranges, from);
            to = to < end ? to : end;
            if (byte_ranges_add(missing, from, to))
                return -1;
        }
    }
    return 0;
}

void byte_ranges_join(struct byte_ranges *ranges, int64_t gap)
{
    size_t kept = 0;

    for (size_t i = 1; i < ranges->count; i++)
        if (ranges->list[i].from - ranges->list[kept].to <= gap)
            ranges->list[kept].to = ranges->list[i].to;
        else
            ranges->list[++kept] = ranges->list[i];
    if (ranges->count)
        ranges->count = kept + 1;
}

json_t *byte_ranges_to_json(const struct byte_ranges *ranges)
{
    json_t *json = json_array();

    for (size_t i = 0; json && i < ranges->count; i++) {
        const struct byte_range *range = &ranges->list[i];

        if (json_array_append_new(json, json_pack("[I, I]", (json_int_t)range->from, (json_int_t)range->to))) {
            json_decref(json);
            json = NULL;
        }
    }
    return json;
}

bool byte_ranges_from_json(struct byte_ranges *ranges, const json_t *json)
{
    bool is_good = json_is_array(json);
    const json_t *pair;
    size_t i;

    json_array_foreach(json, i, pair)
    {
        json_int_t from, to;

        is_good = is_good && !json_unpack((json_t *)pair, "[I, I!]", &from, &to) && from >= 0 && from < to &&
                  !byte_ranges_add(ranges, from, to);
    }
    if (!is_good)
        byte_ranges_clear(ranges);
    return is_good;
}
