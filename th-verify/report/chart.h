/* Charts as inline SVG, each with a label for screen readers. The caller adds a table with all numbers. page.css has a
 * class for ok and one for each of the more frequent words. */
#ifndef TH_VERIFY_REPORT_CHART_H
#define TH_VERIFY_REPORT_CHART_H

#include <stdio.h>

#include "th-verify/report/counts.h"

enum {
    CHART_BAR = 1000, /* width of a bar in user units */
    CHART_SHADES = 6,
    CHART_PIECES_MAX = 1 + 2 * ERROR_WORD_COUNT
};

/* A piece of a bar. */
struct chart_piece {
    enum record_status status;
    enum error_word word; /* ERROR_NONE for ok, and for records without a word */
    int64_t count;
    int shade; /* the colour of the word, the same on the whole page: 1 to CHART_SHADES, 0 for ok */
    double x, width;
};

/* The colour of a word of that rank (counts.ranks): rare words share CHART_SHADES. */
int chart_shade(int rank);

/* Lays out a bar: ok, then failed, then skipped, by word, frequent words first. Widths are proportional, but each
 * piece has a visible minimum. Returns the number of pieces. Pure. */
int chart_pieces(const struct outcome_counts *counts, const int *ranks, struct chart_piece *pieces);

/* A bar as wide as its container. label is not foreign text. */
void chart_outcomes(FILE *out, const struct outcome_counts *counts, const int *ranks, const char *label);

/* A small bar of the clips of a video, hidden from screen readers, since the numbers stand beside it. */
void chart_video(FILE *out, const struct video_counts *video, const int *ranks);

/* A column for each class. label and unit are not foreign text. */
void chart_histogram(FILE *out, const struct histogram *histogram, const char *label, const char *unit);

#endif
