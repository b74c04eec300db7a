/* The report as one HTML page without scripts, network access or other files. */
#ifndef TH_VERIFY_REPORT_PAGE_H
#define TH_VERIFY_REPORT_PAGE_H

#include <stdio.h>
#include <time.h>

#include "th-verify/report/contact_sheet.h"
#include "th-verify/report/counts.h"

/* The content of a page. Owns nothing. */
struct page {
    const char *title;  /* NULL: "Clips" */
    const char *rerun;  /* the command to run next; NULL: the page explains what to do */
    const char *advice; /* what to do before that; NULL: nothing */
    time_t made;
    const struct counts *counts;
    const struct item_table *table;
    const struct contact_sheet *failed, *good; /* clips to show; those that failed are grouped by error word */
    size_t failed_count, good_count;
    json_t *const *messages; /* records of other items that failed */
    size_t message_count;
};

/* Writes the page to out. The caller checks out for errors. */
void page_write(FILE *out, const struct page *page);

/* What stands below the headings of its sections. Call them only when they have content. */
/* In page_tables.c. */
void page_outcomes(FILE *out, const struct page *page);
/* The error word of most clips (without clips: of most videos), and what to do about it. Nothing when nothing failed.
 */
void page_largest_reason(FILE *out, const struct page *page);
void page_reasons(FILE *out, const struct page *page);
void page_shapes(FILE *out, const struct page *page);
void page_videos(FILE *out, const struct page *page);

/* In page_clips.c. */
void page_messages(FILE *out, const struct page *page);
void page_failed(FILE *out, const struct page *page);
void page_good(FILE *out, const struct page *page);

#endif
