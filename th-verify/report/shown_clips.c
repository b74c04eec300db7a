#include "th-verify/report/shown_clips.h"

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

/* Removes the record of that hash, if there is one. A record that it displaced does not return. */
static void sample_drop(struct sample *sample, uint64_t hash)
{
    size_t place = find_place(sample, hash), after;

    if (place == sample->count || sample->chosen[place].hash != hash)
        return;
    json_decref(sample->chosen[place].record);
    after = --sample->count - place;
    memmove(&sample->chosen[place], &sample->chosen[place + 1], after * sizeof *sample->chosen);
}

/* Adds record if its hash, which the sample does not have yet, is among the lowest. */
static void sample_put(struct sample *sample, uint64_t hash, json_t *record)
{
    size_t place = find_place(sample, hash), after;

    if (place == sample->limit)
        return;
    if (sample->count == sample->limit)
        json_decref(sample->chosen[--sample->count].record);
    after = sample->count++ - place;
    memmove(&sample->chosen[place + 1], &sample->chosen[place], after * sizeof *sample->chosen);
    sample->chosen[place] = (struct sampled){.hash = hash, .record = json_incref(record)};
}

static void sample_clear(struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++)
        json_decref(sample->chosen[i].record);
    sample->count = 0;
}

void shown_clips_init(struct shown_clips *shown)
{
    *shown = (struct shown_clips){.good.limit = GOOD_KEPT};
    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        shown->failed[word].limit = FAILED_SHOWN;
}

/* The sample for the record; NULL when the page does not show it. */
static struct sample *sample_for(struct shown_clips *shown, const json_t *record, const struct record_head *head)
{
    bool has_frames = item_table_has_frames(record, head);

    if (head->status == STATUS_FAILED)
        return has_frames ? &shown->failed[head->error] : NULL;
    return head->status == STATUS_OK && has_frames ? &shown->good : NULL;
}

void shown_clips_add(struct shown_clips *shown, json_t *record, const struct record_head *head)
{
    uint64_t hash = item_table_hash(head->kind, head->key);
    struct sample *sample = sample_for(shown, record, head);

    sample_drop(&shown->good, hash);
    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        sample_drop(&shown->failed[word], hash);
    if (sample)
        sample_put(sample, hash, record);
}

/* Sets shares to how many of each sample to show: adds one to each in turn, until room or the samples are used up. */
static void share_room(const struct sample *samples, size_t room, size_t *shares)
{
    size_t before;

    do {
        before = room;
        for (int word = 0; word < ERROR_WORD_COUNT && room; word++)
            if (shares[word] < samples[word].count) {
                shares[word]++;
                room--;
            }
    } while (room && room < before);
}

static size_t choose(const struct sample *samples, size_t room, json_t **chosen)
{
    size_t shares[ERROR_WORD_COUNT] = {0}, count = 0;

    share_room(samples, room, shares);
    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        for (size_t i = 0; i < shares[word]; i++)
            chosen[count++] = samples[word].chosen[i].record;
    return count;
}

size_t shown_clips_failed(const struct shown_clips *shown, json_t **chosen)
{
    return choose(shown->failed, FAILED_SHOWN, chosen);
}

size_t shown_clips_good(const struct shown_clips *shown, json_t **chosen)
{
    size_t count = 0;

    for (; count < shown->good.count && count < GOOD_SHOWN; count++)
        chosen[count] = shown->good.chosen[count].record;
    return count;
}

void shown_clips_clear(struct shown_clips *shown)
{
    sample_clear(&shown->good);
    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        sample_clear(&shown->failed[word]);
}
