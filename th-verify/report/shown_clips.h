/* Chooses the clips that the page shows: for each error word a sample, and shares of equal size of each,
 * so that frequent faults leave room for rare ones. */
#ifndef TH_VERIFY_REPORT_SHOWN_CLIPS_H
#define TH_VERIFY_REPORT_SHOWN_CLIPS_H

#include <jansson.h>

#include "th-verify/report/item_table.h"

enum {
    GOOD_SHOWN = 24,
    GOOD_KEPT = 96,             /* more, since th-verify may fail some of them later */
    FAILED_SHOWN = 300,         /* clips, at most */
    FAILED_SHOWN_IN_LARGE = 96, /* when more are shown, their pictures are smaller */
    SAMPLE_MAX = FAILED_SHOWN
};

/* A sample of records: those with the lowest hashes, so that their order does not matter. */
struct sample {
    size_t limit; /* at most SAMPLE_MAX */
    size_t count;
    struct sampled {
        uint64_t hash;
        json_t *record;   /* a reference */
    } chosen[SAMPLE_MAX]; /* with rising hashes */
};

struct shown_clips {
    struct sample good;                     /* clips that are ok and have frames */
    struct sample failed[ERROR_WORD_COUNT]; /* clips that failed and have frames, by error word */
};

/* Makes shown empty. */
void shown_clips_init(struct shown_clips *shown);

/* Takes a record that is now the outcome of its item, in place of earlier ones of that item. */
void shown_clips_add(struct shown_clips *shown, json_t *record, const struct record_head *head);

/* Puts up to FAILED_SHOWN or GOOD_SHOWN records (borrowed) into chosen, grouped by
 * error word, and returns their number. */
size_t shown_clips_failed(const struct shown_clips *shown, json_t **chosen);
size_t shown_clips_good(const struct shown_clips *shown, json_t **chosen);

/* Forgets all. */
void shown_clips_clear(struct shown_clips *shown);

#endif
