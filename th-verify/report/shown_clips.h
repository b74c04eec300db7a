/* Which records the page shows. Of each reason those of the lowest hashes (th-verify/report/sample.h), and in the end
 * as many of each as is fair: a rare fault is not crowded out by a frequent one. */
#ifndef TH_VERIFY_REPORT_SHOWN_CLIPS_H
#define TH_VERIFY_REPORT_SHOWN_CLIPS_H

#include <jansson.h>

#include "th-verify/report/item_table.h"
#include "th-verify/report/sample.h"

enum {
    GOOD_SHOWN = 24,
    GOOD_KEPT = 96,             /* for some that th-crop calls ok fail later */
    FAILED_SHOWN = 300,         /* clips, at most; smaller pictures keep the page small when there are many */
    FAILED_SHOWN_IN_LARGE = 96, /* so many at most have pictures as large as the good ones */
    MESSAGES_SHOWN = 24
};

struct shown_clips {
    struct sample good;                       /* clips that are ok and have frames */
    struct sample failed[ERROR_WORD_COUNT];   /* clips that failed and have frames, by their word */
    struct sample messages[ERROR_WORD_COUNT]; /* other items that failed */
};

/* Makes shown empty. */
void shown_clips_init(struct shown_clips *shown);

/* Notes a record that is now the word on its item, or forgets what was noted of the item before. */
void shown_clips_add(struct shown_clips *shown, json_t *record, const struct record_head *head);

/* Puts up to FAILED_SHOWN, GOOD_SHOWN or MESSAGES_SHOWN records (borrowed) into chosen, those of a word together, and
 * returns their number. */
size_t shown_clips_failed(const struct shown_clips *shown, json_t **chosen);
size_t shown_clips_good(const struct shown_clips *shown, json_t **chosen);
size_t shown_clips_messages(const struct shown_clips *shown, json_t **chosen);

/* Forgets all. */
void shown_clips_clear(struct shown_clips *shown);

#endif
