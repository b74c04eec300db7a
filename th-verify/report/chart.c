#include "th-verify/report/chart.h"

#include <stdbool.h>

#include "th-verify/report/html.h"

/* User units of the SVG images. */
enum { BAR_HEIGHT = 24, PIECE_MIN = 5, GAP = 2 };
enum { CHART_WIDTH = 360, CHART_HEIGHT = 196, LEFT = 36, TOP = 34, RIGHT = 352, BOTTOM = 156, COLUMN_GAP = 4 };

int chart_shade(int rank)
{
    return rank < CHART_SHADES ? rank : CHART_SHADES;
}

/* Appends the words of a status to count pieces, the most frequent first. Returns the new count. */
static int add_words(const struct outcome_counts *counts, enum record_status status, const int *ranks,
                     struct chart_piece *pieces, int count)
{
    int first = count;

    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        int64_t items = counts->words[status][word];
        int place = count;

        if (!items)
            continue;
        for (; place > first && pieces[place - 1].count < items; place--)
            pieces[place] = pieces[place - 1];
        pieces[place] = (struct chart_piece){
            .status = status, .word = (enum error_word)word, .count = items, .shade = chart_shade(ranks[word])};
        count++;
    }
    return count;
}

/* The width of each piece: PIECE_MIN where its share is less; the others share what is left. */
static void share_out(struct chart_piece *pieces, int count)
{
    double left = CHART_BAR;
    int64_t total = 0, shared = 0;

    for (int i = 0; i < count; i++)
        total += pieces[i].count;
    for (int i = 0; i < count; i++) {
        if ((double)pieces[i].count / (double)total * CHART_BAR >= PIECE_MIN) {
            shared += pieces[i].count;
            continue;
        }
        pieces[i].width = PIECE_MIN;
        left -= PIECE_MIN;
    }
    for (int i = 0; i < count; i++)
        if (pieces[i].width == 0)
            pieces[i].width = (double)pieces[i].count / (double)shared * left;
}

int chart_pieces(const struct outcome_counts *counts, const int *ranks, struct chart_piece *pieces)
{
    int count = counts->status[STATUS_OK] > 0;
    double x = 0;

    pieces[0] = (struct chart_piece){.count = counts->status[STATUS_OK]};
    count = add_words(counts, STATUS_FAILED, ranks, pieces, count);
    count = add_words(counts, STATUS_SKIPPED, ranks, pieces, count);
    share_out(pieces, count);
    for (int i = 0; i < count; i++) {
        pieces[i].x = x;
        x += pieces[i].width;
    }
    return count;
}

/* "3 failed gone" */
static void write_piece(FILE *out, const struct chart_piece *piece)
{
    const char *word = piece->word ? error_word_name(piece->word) : "no reason";

    fprintf(out, "%s %s", html_count(piece->count).text, record_status_text(piece->status));
    if (piece->status != STATUS_OK)
        fprintf(out, " %s", word);
}

static void write_pieces(FILE *out, const struct chart_piece *pieces, int count, bool has_titles)
{
    for (int i = 0; i < count; i++) {
        bool has_gap = i + 1 < count && pieces[i].width > 4 * GAP;

        if (pieces[i].shade)
            fprintf(out, "<rect class=\"w%d\"", pieces[i].shade);
        else
            fputs("<rect class=\"ok\"", out);
        fprintf(out, " x=\"%.1f\" width=\"%.1f\" height=\"%d\">", pieces[i].x, pieces[i].width - (has_gap ? GAP : 0),
                BAR_HEIGHT);
        if (has_titles) {
            fputs("<title>", out);
            write_piece(out, &pieces[i]);
            fputs("</title>", out);
        }
        fputs("</rect>", out);
    }
    fputs("</svg>\n", out);
}

void chart_outcomes(FILE *out, const struct outcome_counts *counts, const int *ranks, const char *label)
{
    struct chart_piece pieces[CHART_PIECES_MAX] = {0};
    int count = chart_pieces(counts, ranks, pieces);

    fprintf(out, "<svg class=\"bar\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s",
            CHART_BAR, BAR_HEIGHT, label);
    for (int i = 0; i < count; i++) {
        fputs(i ? ", " : ": ", out);
        write_piece(out, &pieces[i]);
    }
    fputs("\">", out);
    write_pieces(out, pieces, count, true);
}

void chart_video(FILE *out, const struct video_counts *video, const int *ranks)
{
    struct outcome_counts counts = {
        .status = {[STATUS_OK] = video->status[STATUS_OK],
                   [STATUS_FAILED] = video->status[STATUS_FAILED] + video->status[STATUS_SKIPPED]}};
    struct chart_piece pieces[CHART_PIECES_MAX] = {0};

    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        counts.words[STATUS_FAILED][word] = video->words[word];
    fprintf(out, "<svg class=\"bar\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
            CHART_BAR, BAR_HEIGHT);
    write_pieces(out, pieces, chart_pieces(&counts, ranks, pieces), false);
}

static int64_t highest(const struct histogram *histogram)
{
    int64_t most = 1;

    for (int k = 0; k < histogram->classes; k++)
        if (histogram->count[k] > most)
            most = histogram->count[k];
    return most;
}

/* The distance of grid lines: 1, 2 or 5 times a power of 10, such that there are at most four. */
static int64_t line_step(int64_t most)
{
    int64_t power = 1;

    for (;; power *= 10)
        for (int k = 1; k <= 5; k += k == 1 ? 1 : 3)
            if (most / 4 < k * power)
                return k * power;
}

static double height_of(int64_t count, int64_t most)
{
    return (double)count / (double)most * (BOTTOM - TOP);
}

static void draw_lines(FILE *out, int64_t most)
{
    int64_t step = line_step(most);

    for (int64_t count = step; count <= most; count += step) {
        double y = BOTTOM - height_of(count, most);

        fprintf(out, "<path class=\"line\" d=\"M%d %.1fH%d\"/><text class=\"count\" x=\"%d\" y=\"%.1f\">%s</text>",
                LEFT, y, RIGHT, LEFT - 6, y + 4, html_short(count).text);
    }
    fprintf(out, "<text class=\"count\" x=\"%d\" y=\"%d\">0</text><text class=\"name\" x=\"0\" y=\"11\">clips</text>",
            LEFT - 6, BOTTOM + 4);
}

/* The column of class k, with its count above and its lower edge below. */
static void draw_column(FILE *out, const struct histogram *histogram, int k, int64_t most)
{
    double width = (double)(RIGHT - LEFT) / histogram->classes, x = LEFT + width * k;
    double height = height_of(histogram->count[k], most);

    if (histogram->count[k]) {
        height = height < 1.5 ? 1.5 : height;
        fprintf(out, "<rect class=\"ok\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", x + COLUMN_GAP / 2.0,
                BOTTOM - height, width - COLUMN_GAP, height);
        fprintf(out, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">%s</text>", x + width / 2, BOTTOM - height - 5,
                html_short(histogram->count[k]).text);
    }
    fprintf(out, "<path class=\"axis\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" y=\"%d\">%g</text>", x, BOTTOM, x,
            BOTTOM + 17, histogram->edges[k]);
}

void chart_histogram(FILE *out, const struct histogram *histogram, const char *label, const char *unit)
{
    int64_t most = highest(histogram);

    fprintf(out, "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s, in %s", CHART_WIDTH,
            CHART_HEIGHT, label, unit);
    for (int k = 0; k < histogram->classes; k++)
        fprintf(out, "%s %s: %s", k ? "," : ":", html_range(histogram->edges[k], histogram->edges[k + 1]).text,
                html_count(histogram->count[k]).text);
    fputs("\"><g aria-hidden=\"true\">", out);
    draw_lines(out, most);
    for (int k = 0; k < histogram->classes; k++)
        draw_column(out, histogram, k, most);
    fprintf(out,
            "<path class=\"axis\" d=\"M%d %dH%d\"/><text class=\"end\" x=\"%d\" y=\"%d\">more</text>"
            "<text x=\"%d\" y=\"%d\">%s</text></g></svg>\n",
            LEFT, BOTTOM, RIGHT, CHART_WIDTH, BOTTOM + 17, (LEFT + RIGHT) / 2, CHART_HEIGHT - 4, unit);
}
