#include "th-verify/report/shown_clips.h"

void choice_init(struct choice *choice)
{
    *choice = (struct choice){.good.limit = GOOD_KEPT};
    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        choice->failed[word].limit = FAILED_SHOWN;
        choice->messages[word].limit = MESSAGES_SHOWN;
    }
}

/* Where the record belongs; NULL when the page is not to show it. */
static struct sample *sample_for(struct choice *choice, const json_t *record, const struct record_head *head)
{
    bool has_frames = ledger_has_frames(record, head);

    if (head->status == STATUS_FAILED)
        return has_frames ? &choice->failed[head->error] : &choice->messages[head->error];
    return head->status == STATUS_OK && has_frames ? &choice->good : NULL;
}

void choice_take(struct choice *choice, json_t *record, const struct record_head *head)
{
    uint64_t hash = ledger_hash(head->kind, head->key);
    struct sample *sample = sample_for(choice, record, head);

    sample_drop(&choice->good, hash);
    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        sample_drop(&choice->failed[word], hash);
        sample_drop(&choice->messages[word], hash);
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

size_t choice_failed(const struct choice *choice, json_t **chosen)
{
    return pick(choice->failed, FAILED_SHOWN, chosen);
}

size_t choice_good(const struct choice *choice, json_t **chosen)
{
    size_t count = 0;

    for (; count < choice->good.count && count < GOOD_SHOWN; count++)
        chosen[count] = choice->good.chosen[count].record;
    return count;
}

size_t choice_messages(const struct choice *choice, json_t **chosen)
{
    return pick(choice->messages, MESSAGES_SHOWN, chosen);
}

void choice_clear(struct choice *choice)
{
    sample_clear(&choice->good);
    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        sample_clear(&choice->failed[word]);
        sample_clear(&choice->messages[word]);
    }
}
