/* Counts values by class. Pure. */
#ifndef TH_VERIFY_REPORT_HISTOGRAM_H
#define TH_VERIFY_REPORT_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_MAX = 8, HISTOGRAM_LABEL_SIZE = 48 /* bytes */ };

/* Class 0 is below edges[0], class k from edges[k - 1] to below edges[k], the last one from the last edge on. */
struct histogram {
    const double *edges; /* rising, greater than 0 */
    int classes;         /* one more than there are edges */
    int64_t count[HISTOGRAM_MAX];
    int64_t total;
};

/* Clip lengths in seconds, each class twice as long as the one before; and the shorter side of clips in pixels. */
struct histogram histogram_of_lengths(void);
struct histogram histogram_of_sizes(void);

/* Counts value, 0 or more, in its class. */
void histogram_add(struct histogram *histogram, double value);

/* The lower and the upper edge of class k (0: it has none). */
double histogram_from(const struct histogram *histogram, int k);
double histogram_below(const struct histogram *histogram, int k);

/* "below 1", "1 to 2", "64 and more": writes to out. */
void histogram_label(const struct histogram *histogram, int k, char *out, size_t size);

#endif
