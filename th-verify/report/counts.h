/* What the table adds up to. Pure. */
#ifndef TH_VERIFY_REPORT_COUNTS_H
#define TH_VERIFY_REPORT_COUNTS_H

#include "th-verify/report/histogram.h"
#include "th-verify/report/item_table.h"

/* total = ok + failed + skipped = the sum of status. Each failed or skipped one stands under one word, ERROR_NONE when
 * its record has none of the table's. */
struct outcome_counts {
    int64_t total, status[STATUS_COUNT];
    int64_t cached;                                   /* of those that are ok */
    int64_t may_be_mended;                            /* of those that are not: records with retry */
    int64_t words[STATUS_COUNT][ERROR_WORD_COUNT];    /* words[STATUS_OK] is empty */
    int64_t mendable[STATUS_COUNT][ERROR_WORD_COUNT]; /* of words: those with retry */
};

/* What came of the clips that are ok. */
struct yield {
    int64_t frames, bytes;
    double seconds;
    int64_t timeless; /* clips whose length in seconds is not known: they are not in `seconds` */
};

/* The clips of one video. */
struct video_counts {
    size_t video; /* index in table->videos */
    int64_t status[STATUS_COUNT];
    int32_t words[ERROR_WORD_COUNT]; /* of failed and skipped ones */
    enum error_word own;             /* why the video itself was not downloaded or split; ERROR_NONE when it was */
    struct yield yield;
};

struct counts {
    struct outcome_counts stages[STAGE_NAME_COUNT][KIND_COUNT];
    struct outcome_counts clips; /* the word on each clip */
    int64_t failed_with_frames;  /* of clips.status[STATUS_FAILED]: those that can be shown */
    int64_t verified;            /* clips that th-verify has looked at: ok or failed */
    int64_t proven[LEVEL_COUNT]; /* clips that are ok, by the highest level of th-verify that they have passed */
    struct yield yield;
    struct histogram lengths, sizes; /* of clips that are ok, as far as known */
    int64_t above_512;               /* of these: both sides are longer than 512 pixels */
    int64_t downloaded_bytes;
    struct video_counts *videos; /* one for each of table->videos, in that order */
    size_t video_count;
};

/* Adds up. 0, or -1 when memory runs out; counts_clear in both cases. */
int counts_make(struct counts *counts, const struct item_table *table);
void counts_clear(struct counts *counts);

/* Clips of the video in all, and the word that most of those that are not ok have (ERROR_NONE: no word). */
int64_t video_counts_total(const struct video_counts *video);
enum error_word video_counts_reason(const struct video_counts *video);

/* The videos that lack clips: all of theirs, or some. */
enum lack { LACKS_ALL, LACKS_SOME };

/* The indices, in counts->videos, of the (at most max) videos of that lack which gave least: the lowest share of clips
 * that are ok first, of equal ones that which lacks most. Returns their number. */
size_t counts_least(const struct counts *counts, enum lack lack, size_t *least, size_t max);

/* How many videos are of that lack, and how many there are of which clips were asked for. */
size_t counts_lacking(const struct counts *counts, enum lack lack);
size_t counts_asked(const struct counts *counts);

#endif
