/* Pictures of numbers as inline SVG. Each says in words what it shows; a table beside it should say all of it. */
#ifndef TH_VERIFY_CHART_H
#define TH_VERIFY_CHART_H

#include <stdio.h>

#include "th-verify/counts.h"

/* One bar, as wide as there is room: what is ok, what failed and what was skipped, each word a piece of its own. label
 * is the program's own text. */
void chart_outcomes(FILE *out, const struct outcome_counts *counts, const char *label);

/* A column for each class. label and unit are the program's own texts. */
void chart_histogram(FILE *out, const struct histogram *histogram, const char *label, const char *unit);

#endif
