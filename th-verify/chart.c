#include "th-verify/chart.h"

#include <inttypes.h>

#include "th-verify/figures.h"

/* In the units of the pictures' own systems of coordinates. */
enum { BAR_WIDTH = 1000, BAR_HEIGHT = 22, PIECE_MIN = 5, PIECES_MAX = 1 + 2 * ERROR_WORD_COUNT };
enum { CHART_WIDTH = 336, CHART_HEIGHT = 168, CHART_TOP = 18, CHART_BOTTOM = 138, COLUMN_GAP = 3 };

/* A piece of a bar: what it stands for, and how wide it is. */
struct piece {
    const char *kind, *word; /* the class of the style sheet; the error word, NULL for what is ok */
    int64_t count;
    double width;
};

static void add_piece(struct piece *pieces, int *count, int status, const char *word, int64_t items)
{
    static const char *const kinds[] = {"ok", "failed", "skipped"};

    if (items) {
        pieces[*count] = (struct piece){.kind = kinds[status], .word = word, .count = items};
        ++*count;
    }
}

static int collect(const struct outcome_counts *counts, struct piece *pieces)
{
    int count = 0;

    add_piece(pieces, &count, STATUS_OK, NULL, counts->status[STATUS_OK]);
    for (int status = STATUS_FAILED; status < STATUS_COUNT; status++)
        for (int word = 0; word < ERROR_WORD_COUNT; word++)
            add_piece(pieces, &count, status, word ? error_word_name((enum error_word)word) : "no reason",
                      counts->words[status][word]);
    return count;
}

/* Makes the pieces as wide as their share, but none so thin that it cannot be seen: the widest gives what that takes.
 */
static void lay_out(struct piece *pieces, int count, int64_t total)
{
    double sum = 0;
    int widest = 0;

    for (int i = 0; i < count; i++) {
        pieces[i].width = (double)pieces[i].count / (double)total * BAR_WIDTH;
        if (pieces[i].width < PIECE_MIN)
            pieces[i].width = PIECE_MIN;
        if (pieces[i].width > pieces[widest].width)
            widest = i;
        sum += pieces[i].width;
    }
    if (count)
        pieces[widest].width -= sum - BAR_WIDTH;
}

void chart_outcomes(FILE *out, const struct outcome_counts *counts, const char *label)
{
    struct piece pieces[PIECES_MAX];
    char number[FIGURE_SIZE];
    int count = collect(counts, pieces);
    double x = 0;

    lay_out(pieces, count, counts->total);
    fprintf(out, "<svg class=\"bar\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s",
            BAR_WIDTH, BAR_HEIGHT, label);
    for (int i = 0; i < count; i++)
        fprintf(out, "%s %s %s%s%s", i ? "," : ":", figure_count(number, pieces[i].count), pieces[i].kind,
                pieces[i].word ? " " : "", pieces[i].word ? pieces[i].word : "");
    fputs("\">", out);
    for (int i = 0; i < count; i++) {
        fprintf(out, "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"%d\"><title>%s %s%s%s</title></rect>",
                pieces[i].kind, x, pieces[i].width - (i + 1 < count ? 1.5 : 0), BAR_HEIGHT,
                figure_count(number, pieces[i].count), pieces[i].kind, pieces[i].word ? ": " : "",
                pieces[i].word ? pieces[i].word : "");
        x += pieces[i].width;
    }
    fputs("</svg>\n", out);
}

static int64_t highest(const struct histogram *histogram)
{
    int64_t most = 1;

    for (int k = 0; k < histogram->classes; k++)
        if (histogram->count[k] > most)
            most = histogram->count[k];
    return most;
}

static void draw_column(FILE *out, const struct histogram *histogram, int k, int64_t most)
{
    double width = (double)CHART_WIDTH / histogram->classes, x = width * k;
    double height = (double)histogram->count[k] / (double)most * (CHART_BOTTOM - CHART_TOP);
    char number[FIGURE_SIZE];

    if (histogram->count[k]) {
        height = height < 1.5 ? 1.5 : height;
        fprintf(out, "<rect class=\"ok\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1.5\"/>",
                x + COLUMN_GAP / 2.0, CHART_BOTTOM - height, width - COLUMN_GAP, height);
        fprintf(out, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">%s</text>", x + width / 2, CHART_BOTTOM - height - 5,
                figure_short(number, histogram->count[k]));
    }
    if (k)
        fprintf(out, "<text x=\"%.1f\" y=\"%d\">%g</text>", x, CHART_BOTTOM + 14, histogram_from(histogram, k));
}

void chart_histogram(FILE *out, const struct histogram *histogram, const char *label, const char *unit)
{
    int64_t most = highest(histogram);
    char name[FIGURE_SIZE], number[FIGURE_SIZE];

    fprintf(out, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s, in %s", CHART_WIDTH,
            CHART_HEIGHT, label, unit);
    for (int k = 0; k < histogram->classes; k++) {
        histogram_label(histogram, k, name, sizeof name);
        fprintf(out, "%s %s: %s", k ? "," : ":", name, figure_count(number, histogram->count[k]));
    }
    fputs("\"><g aria-hidden=\"true\">", out);
    for (int k = 0; k < histogram->classes; k++)
        draw_column(out, histogram, k, most);
    fprintf(out, "<path class=\"axis\" d=\"M0 %d.5H%d\"/><text x=\"%d\" y=\"%d\">%s</text></g></svg>\n", CHART_BOTTOM,
            CHART_WIDTH, CHART_WIDTH / 2, CHART_HEIGHT - 2, unit);
}
