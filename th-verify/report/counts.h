/* The counts for the summary and the page, from the table of items. Pure. */
#ifndef TH_VERIFY_REPORT_COUNTS_H
#define TH_VERIFY_REPORT_COUNTS_H

#include <stdbool.h>

#include "th-verify/report/item_table.h"

enum { HISTOGRAM_MAX = 8 };

/* Videos that lack all of their clips, or some. */
enum lack { LACKS_ALL, LACKS_SOME, LACK_COUNT };

/* total = ok + failed + skipped = the sum of status. Each failed or skipped item counts under one error word,
 * ERROR_NONE when its record has no known one. */
struct outcome_counts {
    int64_t total, status[STATUS_COUNT];
    int64_t cached;                                   /* of the ok ones */
    int64_t may_be_mended;                            /* of the others: records with retry */
    int64_t words[STATUS_COUNT][ERROR_WORD_COUNT];    /* words[STATUS_OK] is empty */
    int64_t mendable[STATUS_COUNT][ERROR_WORD_COUNT]; /* the part of words with retry */
};

/* Values by class. Class k is from edges[k] to below edges[k + 1]; the last one has no upper edge. */
struct histogram {
    const double *edges; /* classes + 1: rising from 0, then 0 for none */
    int classes;         /* at most HISTOGRAM_MAX */
    int64_t count[HISTOGRAM_MAX];
    int64_t total;
};

/* Totals of the clips that are ok. */
struct yield {
    int64_t frames, bytes;
    double seconds;
    int64_t timeless; /* clips of unknown length, which are not in `seconds` */
};

/* The clips of one video. */
struct video_counts {
    size_t video; /* index in table->videos */
    int64_t status[STATUS_COUNT];
    int32_t words[ERROR_WORD_COUNT]; /* of failed and skipped clips */
    enum error_word own;             /* why the video itself was not downloaded or split; ERROR_NONE when it was */
    struct yield yield;
};

struct counts {
    struct outcome_counts stages[STAGE_NAME_COUNT][KIND_COUNT];
    struct outcome_counts clips; /* each clip once, by item_table_outcome */
    int64_t failed_with_frames;  /* of clips.status[STATUS_FAILED]: those of which frames can be shown */
    int64_t verified;            /* clips that th-verify did not skip */
    int64_t proven[LEVEL_COUNT]; /* ok clips, by the highest level of th-verify that they have passed */
    struct yield yield;
    struct histogram lengths, sizes; /* of ok clips, as far as known: seconds; pixels of the shorter side */
    int64_t above_512;               /* of these: both sides are longer than 512 pixels */
    int ranks[ERROR_WORD_COUNT];     /* of each word by how many items have it: 1 for the most, 0: no item */
    int64_t *messages;               /* for each of table->messages: failed items without frames that say it */
    int64_t downloaded_bytes;
    int64_t lower_videos;        /* downloaded, with a lower picture than the tube list was made from */
    struct video_counts *videos; /* one for each of table->videos, in the same order */
    size_t video_count;
    size_t asked, lacking[LACK_COUNT]; /* videos that have clips in the list; those with each lack */
    size_t barren;                     /* videos by counts_video_is_barren */
};

/* Counts all items. 0, or -1 when memory runs out; counts_clear in both cases. */
int counts_make(struct counts *counts, const struct item_table *table);
void counts_clear(struct counts *counts);

/* The number of clips of the video, and the most frequent error word among them (ERROR_NONE: none). */
int64_t counts_video_total(const struct video_counts *video);
enum error_word counts_video_reason(const struct video_counts *video);

/* Whether the video gave no clip: all of its clips are missing, or it has none in the list and was not downloaded or
 * split itself. */
bool counts_video_is_barren(const struct video_counts *video);

/* Counts value, 0 or more, in its class. */
void counts_add_value(struct histogram *histogram, double value);

/* The indices in counts->videos of at most max videos of that lack, those with the lowest share of ok clips first, and
 * with the most clips among equals. Returns their number. */
size_t counts_least(const struct counts *counts, enum lack lack, size_t *least, size_t max);

#endif
