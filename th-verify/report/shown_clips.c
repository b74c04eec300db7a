#include "th-verify/report/shown_clips.h"

void shown_clips_init(struct shown_clips *shown)
{
    *shown = (struct shown_clips){.good.limit = GOOD_KEPT};
    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        shown->failed[word].limit = FAILED_SHOWN;
        shown->messages[word].limit = MESSAGES_SHOWN;
    }
}

/* Where the record belongs; NULL when the page is not to show it. */
static struct sample *sample_for(struct shown_clips *shown, const json_t *record, const struct record_head *head)
{
    bool has_frames = item_table_has_frames(record, head);

    if (head->status == STATUS_FAILED)
        return has_frames ? &shown->failed[head->error] : &shown->messages[head->error];
    return head->status == STATUS_OK && has_frames ? &shown->good : NULL;
}

void shown_clips_add(struct shown_clips *shown, json_t *record, const struct record_head *head)
{
    uint64_t hash = item_table_hash(head->kind, head->key);
    struct sample *sample = sample_for(shown, record, head);

    sample_drop(&shown->good, hash);
    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        sample_drop(&shown->failed[word], hash);
        sample_drop(&shown->messages[word], hash);
    }
    if (sample)
        sample_put(sample, hash, record);
}

/* How many of each sample to show, in shares: each gets one more in turn while it has some, until room is full. */
static void deal(const struct sample *samples, size_t room, size_t *shares)
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

static size_t pick(const struct sample *samples, size_t room, json_t **chosen)
{
    size_t shares[ERROR_WORD_COUNT] = {0}, count = 0;

    deal(samples, room, shares);
    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        for (size_t i = 0; i < shares[word]; i++)
            chosen[count++] = samples[word].chosen[i].record;
    return count;
}

size_t shown_clips_failed(const struct shown_clips *shown, json_t **chosen)
{
    return pick(shown->failed, FAILED_SHOWN, chosen);
}

size_t shown_clips_good(const struct shown_clips *shown, json_t **chosen)
{
    size_t count = 0;

    for (; count < shown->good.count && count < GOOD_SHOWN; count++)
        chosen[count] = shown->good.chosen[count].record;
    return count;
}

size_t shown_clips_messages(const struct shown_clips *shown, json_t **chosen)
{
    return pick(shown->messages, MESSAGES_SHOWN, chosen);
}

void shown_clips_clear(struct shown_clips *shown)
{
    sample_clear(&shown->good);
    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        sample_clear(&shown->failed[word]);
        sample_clear(&shown->messages[word]);
    }
}
