#include "th-verify/report/sample.h"

#include <string.h>

/* The place of hash, or where it is to be inserted. */
static size_t find_place(const struct sample *sample, uint64_t hash)
{
    size_t first = 0, end = sample->count;

    while (first < end) {
        size_t middle = first + (end - first) / 2;

        if (sample->chosen[middle].hash < hash)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

void sample_drop(struct sample *sample, uint64_t hash)
{
    size_t place = find_place(sample, hash), after;

    if (place == sample->count || sample->chosen[place].hash != hash)
        return;
    json_decref(sample->chosen[place].record);
    after = --sample->count - place;
    memmove(&sample->chosen[place], &sample->chosen[place + 1], after * sizeof *sample->chosen);
}

void sample_put(struct sample *sample, uint64_t hash, json_t *record)
{
    size_t place, after;

    sample_drop(sample, hash);
    place = find_place(sample, hash);
    if (place == sample->limit)
        return;
    if (sample->count == sample->limit)
        json_decref(sample->chosen[--sample->count].record);
    after = sample->count++ - place;
    memmove(&sample->chosen[place + 1], &sample->chosen[place], after * sizeof *sample->chosen);
    sample->chosen[place] = (struct sampled){.hash = hash, .record = json_incref(record)};
}

void sample_clear(struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++)
        json_decref(sample->chosen[i].record);
    sample->count = 0;
}
