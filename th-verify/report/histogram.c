#include "th-verify/report/histogram.h"

#include <stdio.h>

static const double length_edges[] = {1, 2, 4, 8, 16, 32, 64};
static const double size_edges[] = {128, 256, 384, 512, 768, 1024};

struct histogram histogram_of_lengths(void)
{
    return (struct histogram){.edges = length_edges, .classes = sizeof length_edges / sizeof *length_edges + 1};
}

struct histogram histogram_of_sizes(void)
{
    return (struct histogram){.edges = size_edges, .classes = sizeof size_edges / sizeof *size_edges + 1};
}

void histogram_add(struct histogram *histogram, double value)
{
    int k = 0;

    while (k < histogram->classes - 1 && value >= histogram->edges[k])
        k++;
    histogram->count[k]++;
    histogram->total++;
}

double histogram_from(const struct histogram *histogram, int k)
{
    return k ? histogram->edges[k - 1] : 0;
}

double histogram_below(const struct histogram *histogram, int k)
{
    return k < histogram->classes - 1 ? histogram->edges[k] : 0;
}

void histogram_label(const struct histogram *histogram, int k, char *out, size_t size)
{
    double from = histogram_from(histogram, k), below = histogram_below(histogram, k);

    if (!k)
        snprintf(out, size, "below %g", below);
    else if (below > 0)
        snprintf(out, size, "%g to %g", from, below);
    else
        snprintf(out, size, "%g and more", from);
}
