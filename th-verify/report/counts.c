#include "th-verify/report/counts.h"

#include <stdbool.h>
#include <stdlib.h>

static const double length_edges[] = {0, 1, 2, 4, 8, 16, 32, 64, 0},
                    size_edges[] = {0, 128, 256, 384, 512, 768, 1024, 0};

void counts_add_value(struct histogram *histogram, double value)
{
    int k = 0;

    while (k < histogram->classes - 1 && value >= histogram->edges[k + 1])
        k++;
    histogram->count[k]++;
    histogram->total++;
}

static void count_outcome(struct outcome_counts *counts, const struct outcome *outcome)
{
    counts->total++;
    counts->status[outcome->status]++;
    if (outcome->status == STATUS_OK) {
        counts->cached += outcome->cached;
        return;
    }
    counts->may_be_mended += outcome->retry;
    counts->words[outcome->status][outcome->error]++;
    counts->mendable[outcome->status][outcome->error] += outcome->retry;
}

/* The length of the clip, from its own record or from the frame rate of its video; 0 when not known. */
static double seconds_of(const struct item_table *table, const struct item *item)
{
    double fps = item->video < table->video_count ? table->videos[item->video].fps : 0;

    if (item->seconds > 0)
        return item->seconds;
    return fps > 0 ? item->frames / fps : 0;
}

static void add_yield(struct yield *yield, const struct item *item, double seconds)
{
    yield->frames += item->frames;
    yield->bytes += item->bytes;
    yield->seconds += seconds;
    yield->timeless += seconds <= 0;
}

static void count_clip(struct counts *counts, const struct item_table *table, const struct item *item)
{
    const struct outcome *word = item_table_outcome(item), *verdict = &item->outcomes[STAGE_VERIFY];
    struct video_counts *video = item->video < counts->video_count ? &counts->videos[item->video] : NULL;
    int shorter = item->width < item->height ? item->width : item->height;
    double seconds = seconds_of(table, item);

    count_outcome(&counts->clips, word);
    counts->verified += verdict->is_known && verdict->status != STATUS_SKIPPED;
    if (video) {
        video->status[word->status]++;
        video->words[word->error] += word->status != STATUS_OK;
    }
    if (word->status == STATUS_FAILED)
        counts->failed_with_frames += item->has_frames;
    if (word->status != STATUS_OK)
        return;
    if (item->levels)
        counts->proven[item->levels - 1]++;
    add_yield(&counts->yield, item, seconds);
    if (video)
        add_yield(&video->yield, item, seconds);
    if (seconds > 0)
        counts_add_value(&counts->lengths, seconds);
    if (shorter > 0)
        counts_add_value(&counts->sizes, shorter);
    counts->above_512 += shorter > 512;
}

static void count_video(struct counts *counts, const struct item_table *table, const struct item *item)
{
    const struct outcome *word = item_table_outcome(item), *fetched = &item->outcomes[STAGE_FETCH];

    if (item->video < counts->video_count && word->status != STATUS_OK)
        counts->videos[item->video].own = (enum error_word)word->error;
    if (item->video < counts->video_count && fetched->is_known && fetched->status == STATUS_OK) {
        counts->downloaded_bytes += table->videos[item->video].bytes;
        counts->lower_videos += table->videos[item->video].is_lower;
    }
}

int64_t counts_video_total(const struct video_counts *video)
{
    return video->status[STATUS_OK] + video->status[STATUS_FAILED] + video->status[STATUS_SKIPPED];
}

static bool has_lack(const struct video_counts *video, enum lack lack)
{
    return video->status[STATUS_OK] < counts_video_total(video) &&
           (video->status[STATUS_OK] == 0) == (lack == LACKS_ALL);
}

bool counts_video_is_barren(const struct video_counts *video)
{
    return video->status[STATUS_OK] == 0 && (counts_video_total(video) || video->own);
}

/* Sets the ranks. Words that equally many items have are in the order of the table. */
static void rank_words(struct counts *counts)
{
    int64_t items[ERROR_WORD_COUNT] = {0};

    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            for (int word = 0; word < ERROR_WORD_COUNT; word++)
                items[word] += counts->stages[stage][kind].words[STATUS_FAILED][word] +
                               counts->stages[stage][kind].words[STATUS_SKIPPED][word];
    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        for (int other = 0; items[word] && other < ERROR_WORD_COUNT; other++)
            counts->ranks[word] += items[other] > items[word] || (other <= word && items[other] == items[word]);
}

int counts_make(struct counts *counts, const struct item_table *table)
{
    *counts = (struct counts){.lengths = {length_edges, sizeof length_edges / sizeof *length_edges - 1, {0}, 0},
                              .sizes = {size_edges, sizeof size_edges / sizeof *size_edges - 1, {0}, 0}};
    counts->videos = calloc(table->video_count + 1, sizeof *counts->videos);
    counts->messages = calloc(table->message_count + 1, sizeof *counts->messages);
    if (!counts->videos || !counts->messages)
        return -1;
    counts->video_count = table->video_count;
    for (size_t i = 0; i < counts->video_count; i++)
        counts->videos[i].video = i;
    for (size_t i = 0; i < table->count; i++) {
        const struct item *item = &table->items[i];

        for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
            if (item->outcomes[stage].is_known)
                count_outcome(&counts->stages[stage][item->kind], &item->outcomes[stage]);
        if (item->message && !item->has_frames)
            counts->messages[item->message - 1]++;
        if (item->kind == KIND_CLIP)
            count_clip(counts, table, item);
        else if (item->kind == KIND_VIDEO && item_table_outcome(item))
            count_video(counts, table, item);
    }
    rank_words(counts);
    for (size_t i = 0; i < counts->video_count; i++) {
        counts->barren += counts_video_is_barren(&counts->videos[i]);
        counts->asked += counts_video_total(&counts->videos[i]) > 0;
        for (int lack = 0; lack < LACK_COUNT; lack++)
            counts->lacking[lack] += has_lack(&counts->videos[i], (enum lack)lack);
    }
    return 0;
}

void counts_clear(struct counts *counts)
{
    free(counts->videos);
    free(counts->messages);
    *counts = (struct counts){0};
}

enum error_word counts_video_reason(const struct video_counts *video)
{
    int most = ERROR_NONE;

    for (int word = 1; word < ERROR_WORD_COUNT; word++)
        if (video->words[word] > video->words[most])
            most = word;
    return (enum error_word)most;
}

/* Below 0 when a comes before b. Equals keep the order of the records. */
static int compare_yields(const struct video_counts *a, const struct video_counts *b)
{
    int64_t all_a = counts_video_total(a), all_b = counts_video_total(b);
    double share_a = (double)a->status[STATUS_OK] / (double)all_a,
           share_b = (double)b->status[STATUS_OK] / (double)all_b;

    if (share_a < share_b || share_a > share_b)
        return share_a < share_b ? -1 : 1;
    if (all_a != all_b)
        return all_a > all_b ? -1 : 1;
    return a->video < b->video ? -1 : 1;
}

size_t counts_least(const struct counts *counts, enum lack lack, size_t *least, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < counts->video_count; i++) {
        const struct video_counts *video = &counts->videos[i];
        size_t place = count;

        if (!has_lack(video, lack))
            continue;
        while (place > 0 && compare_yields(video, &counts->videos[least[place - 1]]) < 0)
            place--;
        if (place == max)
            continue;
        count += count < max;
        for (size_t k = count - 1; k > place; k--)
            least[k] = least[k - 1];
        least[place] = i;
    }
    return count;
}
