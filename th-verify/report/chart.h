/* Pictures of numbers as inline SVG. Each says in words what it shows; a table beside it should say all of it. The
 * style sheet has a class for each status, of the manifest's words. */
#ifndef TH_VERIFY_REPORT_CHART_H
#define TH_VERIFY_REPORT_CHART_H

#include <stdio.h>

#include "th-verify/report/counts.h"

enum {
    CHART_BAR = 1000, /* width of a bar in its own units */
    CHART_SHADES = 5,
    CHART_PIECES_MAX = 1 + 2 * ERROR_WORD_COUNT
};

/* A piece of a bar. */
struct chart_piece {
    enum record_status status;
    enum error_word word; /* ERROR_NONE for what is ok, and for what has no word */
    int64_t count;
    int shade; /* from 1: which of the colours of its status; CHART_SHADES is that of all rare words */
    double x, width;
};

/* Lays out a bar: what is ok, what failed, what was skipped, of these the frequent words first. All are as wide as
 * their share, but no status is so thin that it cannot be seen. Returns the number of pieces. Pure. */
int chart_pieces(const struct outcome_counts *counts, struct chart_piece *pieces);

/* One bar, as wide as there is room. label is the program's own text. */
void chart_outcomes(FILE *out, const struct outcome_counts *counts, const char *label);

/* A small bar of the three statuses, which no one needs who reads the numbers beside it. */
void chart_statuses(FILE *out, const int64_t *status);

/* A column for each class. label and unit are the program's own texts. */
void chart_histogram(FILE *out, const struct histogram *histogram, const char *label, const char *unit);

#endif
