/* The report as one HTML page that needs nothing else: no script, no network, no other file. */
#ifndef TH_VERIFY_REPORT_PAGE_H
#define TH_VERIFY_REPORT_PAGE_H

#include <stdio.h>
#include <time.h>

#include "th-verify/report/contact_sheet.h"
#include "th-verify/report/counts.h"

/* What a page shows. Owns nothing. */
struct page {
    const char *title; /* of what it reports on; NULL: "Clips" */
    const char *rerun; /* the command that tries again what may be mended; NULL: the page says it in words */
    time_t made;
    const struct counts *counts;
    const struct item_table *table;
    const struct contact_sheet *failed, *good; /* clips to show; of those that failed, each word's stand together */
    size_t failed_count, good_count;
    json_t *const *messages; /* records of other items that failed */
    size_t message_count;
};

/* Writes the page to out, whose errors are the caller's to check. */
void page_write(FILE *out, const struct page *page);

/* Its parts, each a section of its own, whose heading has the name of the part as its id. To be called when there is
 * something to tell. */
void page_outcomes(FILE *out, const struct page *page);
void page_reasons(FILE *out, const struct page *page);
void page_shapes(FILE *out, const struct page *page);
void page_videos(FILE *out, const struct page *page);
void page_messages(FILE *out, const struct page *page);
void page_failed(FILE *out, const struct page *page);
void page_good(FILE *out, const struct page *page);

#endif
