#include "th-verify/sample.h"

#include <string.h>

/* Where hash is, or belongs. */
static size_t find(const struct sample *sample, uint64_t hash)
{
    size_t place = 0;

    while (place < sample->count && sample->hashes[place] < hash)
        place++;
    return place;
}

void sample_drop(struct sample *sample, uint64_t hash)
{
    size_t place = find(sample, hash), after;

    if (place == sample->count || sample->hashes[place] != hash)
        return;
    json_decref(sample->records[place]);
    after = --sample->count - place;
    memmove(&sample->hashes[place], &sample->hashes[place + 1], after * sizeof *sample->hashes);
    memmove(&sample->records[place], &sample->records[place + 1], after * sizeof *sample->records);
}

void sample_put(struct sample *sample, uint64_t hash, json_t *record)
{
    size_t place, after;

    sample_drop(sample, hash);
    place = find(sample, hash);
    if (place == sample->limit)
        return;
    if (sample->count == sample->limit)
        json_decref(sample->records[--sample->count]);
    after = sample->count++ - place;
    memmove(&sample->hashes[place + 1], &sample->hashes[place], after * sizeof *sample->hashes);
    memmove(&sample->records[place + 1], &sample->records[place], after * sizeof *sample->records);
    sample->hashes[place] = hash;
    sample->records[place] = json_incref(record);
}

void sample_clear(struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++)
        json_decref(sample->records[i]);
    sample->count = 0;
}
