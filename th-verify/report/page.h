/* The report as one HTML page without scripts, network access or other files. */
#ifndef TH_VERIFY_REPORT_PAGE_H
#define TH_VERIFY_REPORT_PAGE_H

#include <stdbool.h>
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
    const char *folder;      /* the absolute path of the folder of the page; NULL: clips have no links */
    const char *barren_list; /* the name of the file beside the page by page_barren_csv */
};

/* Writes the videos that gave no clip as CSV (RFC 4180, with LF), a header first. The caller checks out for errors. */
void page_barren_csv(FILE *out, const struct counts *counts, const struct item_table *table);

/* Writes the page to out. The caller checks out for errors. */
void page_write(FILE *out, const struct page *page);

/* What stands below the headings of its sections. Call them only when they have content. */
/* In page_tables.c. */
void page_outcomes(FILE *out, const struct page *page);
/* The error word of most clips (without clips: of most videos), and what to do about it. Nothing when nothing failed.
 */
void page_largest_reason(FILE *out, const struct page *page);
/* The same of those that another run may mend. is_largest_told: not when that is the one of page_largest_reason. */
void page_mendable_reason(FILE *out, const struct page *page, bool is_largest_told);
void page_reasons(FILE *out, const struct page *page);
void page_shapes(FILE *out, const struct page *page);

/* In page_videos.c. */
void page_videos(FILE *out, const struct page *page);

/* In page_clips.c. */
void page_messages(FILE *out, const struct page *page);
void page_failed(FILE *out, const struct page *page);
void page_good(FILE *out, const struct page *page);

#endif
