/* The report as one HTML page that needs nothing else: no script, no network, no other file. */
#ifndef TH_VERIFY_PAGE_H
#define TH_VERIFY_PAGE_H

#include <stdio.h>
#include <time.h>

#include "th-verify/counts.h"
#include "th-verify/sample.h"
#include "th-verify/sheet.h"

/* What a page shows. Owns nothing. */
struct page {
    const char *title; /* of what it reports on; NULL: "Clips" */
    const char *rerun; /* the command that tries again what may be mended; NULL: the page says it in words */
    time_t made;
    const struct counts *counts;
    const struct ledger *ledger;
    const struct sheet *failed, *good; /* clips to show */
    size_t failed_count, good_count;
    const struct sample *messages; /* records of other items that failed */
};

/* Writes the page to out, whose errors are the caller's to check. */
void page_write(FILE *out, const struct page *page);

/* Its parts, each a section of its own. */
void page_outcomes(FILE *out, const struct page *page);
void page_reasons(FILE *out, const struct page *page);
void page_histograms(FILE *out, const struct page *page);
void page_videos(FILE *out, const struct page *page);
void page_messages(FILE *out, const struct page *page);
void page_clips(FILE *out, const struct page *page);

#endif
