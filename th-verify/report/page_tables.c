/* The sections with numbers. */
#include <stdbool.h>

#include "th-verify/report/chart.h"
#include "th-verify/report/html.h"
#include "th-verify/report/page.h"

/* The steps of the pipe, in order. */
static const struct step {
    enum stage_name stage;
    enum record_kind kind;
    const char *label;
} steps[] = {{STAGE_FETCH, KIND_VIDEO, "Videos downloaded"},
             {STAGE_SPLIT, KIND_VIDEO, "Videos split"},
             {STAGE_SPLIT, KIND_CHUNK, "Chunks"},
             {STAGE_CROP, KIND_CLIP, "Clips cropped"},
             {STAGE_VERIFY, KIND_CLIP, "Clips verified"}};

enum { STEPS = sizeof steps / sizeof *steps };

static const struct outcome_counts *counts_of(const struct page *page, const struct step *step)
{
    return &page->counts->stages[step->stage][step->kind];
}

/* "12 failed", and the error words with their colours in the bar. */
static void write_words(FILE *out, const struct outcome_counts *counts, const int *ranks, enum record_status status)
{
    struct chart_piece pieces[CHART_PIECES_MAX];
    int count = chart_pieces(counts, ranks, pieces);

    if (!counts->status[status])
        return;
    fprintf(out, "<div class=\"words\"><p>%s %s</p><ul>", html_count(counts->status[status]).text,
            record_status_text(status));
    for (int i = 0; i < count; i++)
        if (pieces[i].status == status)
            fprintf(out, "<li class=\"w%d\"><code>%s</code> %s</li>", pieces[i].shade,
                    pieces[i].word ? error_word_name(pieces[i].word) : "no reason", html_count(pieces[i].count).text);
    fputs("</ul></div>\n", out);
}

/* How many clips passed which level. */
static void write_levels(FILE *out, const int64_t *proven)
{
    static const char *const kinds[LEVEL_COUNT] = {
        [LEVEL_CONTAINER] = "by what their containers say, without decoding",
        [LEVEL_DECODE] = "by decoding each frame",
        [LEVEL_SOURCE] = "by decoding each frame and comparing it with the chunk's",
    };
    bool is_first = true;

    for (int level = LEVEL_COUNT - 1; level >= 0; level--) {
        if (!proven[level])
            continue;
        fputs(is_first ? "<p class=\"proof\">Proven: " : "; ", out);
        fprintf(out, "%s %s", html_count(proven[level]).text, kinds[level]);
        is_first = false;
    }
    if (!is_first)
        fputs(".</p>\n", out);
}

/* The videos whose clips are smaller than the list says. */
static void write_lower(FILE *out, int64_t lower)
{
    if (lower)
        fprintf(out, "<p>%s video%s a lower picture than the one that the tube list was made from.</p>\n",
                html_count(lower).text, lower == 1 ? " has" : "s have");
}

static void write_step(FILE *out, const struct page *page, const struct step *step)
{
    const struct outcome_counts *counts = counts_of(page, step);

    fprintf(out, "<div class=\"step\">\n<h3>%s <span>%s of %s</span></h3>\n", step->label,
            html_count(counts->status[STATUS_OK]).text, html_count(counts->total).text);
    chart_outcomes(out, counts, page->counts->ranks, step->label);
    write_words(out, counts, page->counts->ranks, STATUS_FAILED);
    write_words(out, counts, page->counts->ranks, STATUS_SKIPPED);
    if (step->stage == STAGE_FETCH)
        write_lower(out, page->counts->lower_videos);
    if (step->stage == STAGE_VERIFY)
        write_levels(out, page->counts->proven);
    fputs("</div>\n", out);
}

static void write_steps_table(FILE *out, const struct page *page)
{
    fputs("<details><summary>The same as a table</summary>\n"
          "<table class=\"numbers stages\"><caption>Outcomes by stage</caption>\n"
          "<thead><tr><th scope=\"col\">Stage</th><th scope=\"col\">in all</th><th scope=\"col\">ok</th>"
          "<th scope=\"col\">failed</th><th scope=\"col\">skipped</th></tr></thead>\n<tbody>\n",
          out);
    for (int i = 0; i < STEPS; i++) {
        const struct outcome_counts *counts = counts_of(page, &steps[i]);

        if (!counts->total)
            continue;
        fprintf(out, "<tr><th scope=\"row\">%s</th><td>%s</td>", steps[i].label, html_count(counts->total).text);
        for (int status = 0; status < STATUS_COUNT; status++)
            fprintf(out, "<td>%s</td>", html_count(counts->status[status]).text);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></details>\n", out);
}

void page_outcomes(FILE *out, const struct page *page)
{
    const int *ranks = page->counts->ranks;
    bool has_reasons = false;

    for (int word = 0; word < ERROR_WORD_COUNT; word++)
        has_reasons |= ranks[word] > 0;
    if (has_reasons)
        fputs("<p class=\"legend\">Green is ok, and each reason has one colour on the whole page. Failed: tried, and "
              "not done. Skipped: not tried, because something before failed.</p>\n",
              out);
    for (int i = 0; i < STEPS; i++)
        if (counts_of(page, &steps[i])->total)
            write_step(out, page, &steps[i]);
    write_steps_table(out, page);
}

/* How many videos that were tried and clips have an error word, and how many of both a rerun may help. */
struct reason {
    int word;
    int64_t videos, clips, mendable;
};

static bool is_larger(const struct reason *one, const struct reason *other)
{
    return one->clips != other->clips ? one->clips > other->clips : one->videos > other->videos;
}

/* Fills reasons, the largest first, and returns their number. */
static int collect_reasons(const struct counts *counts, struct reason *reasons)
{
    int count = 0;

    for (int word = 0; word < ERROR_WORD_COUNT; word++) {
        struct reason reason = {.word = word};

        for (int stage = STAGE_FETCH; stage <= STAGE_SPLIT; stage++) {
            reason.videos += counts->stages[stage][KIND_VIDEO].words[STATUS_FAILED][word];
            reason.mendable += counts->stages[stage][KIND_VIDEO].mendable[STATUS_FAILED][word];
        }
        for (int status = STATUS_FAILED; status < STATUS_COUNT; status++) {
            reason.clips += counts->clips.words[status][word];
            reason.mendable += counts->clips.mendable[status][word];
        }
        if (reason.videos || reason.clips) {
            int place = count++;

            for (; place > 0 && is_larger(&reason, &reasons[place - 1]); place--)
                reasons[place] = reasons[place - 1];
            reasons[place] = reason;
        }
    }
    return count;
}

/* A cell with a number; 0 is shown in a softer colour. */
static void write_number(FILE *out, int64_t count)
{
    fprintf(out, "<td%s>%s</td>", count ? "" : " class=\"none\"", html_count(count).text);
}

static void write_advice(FILE *out, const char *before, int word)
{
    fputs(before, out);
    html_advice(out, error_word_advice((enum error_word)word));
    fputs("</p>", out);
}

static void write_reason(FILE *out, const struct reason *reason, int shade)
{
    bool all = reason->mendable == reason->videos + reason->clips;

    fprintf(out, "<tr><th class=\"w%d\" scope=\"row\"><code>%s</code> %s", shade,
            reason->word ? error_word_name((enum error_word)reason->word) : "no reason",
            reason->word ? error_word_sentence((enum error_word)reason->word) : "the records do not say why");
    if (reason->word)
        write_advice(out, "<p class=\"advice\">", reason->word);
    fputs("</th>", out);
    write_number(out, reason->videos);
    write_number(out, reason->clips);
    if (!reason->mendable)
        fputs("<td>does not help</td></tr>\n", out);
    else
        fprintf(out, "<td class=\"mend\">%s</td></tr>\n", all ? "may help" : "may help some");
}

/* "<code>network</code>: the connection failed (2 videos, 9 clips). Check the network" */
static void write_cause(FILE *out, const struct reason *reason)
{
    enum error_word word = (enum error_word)reason->word;

    fprintf(out, "<code>%s</code>: %s (", error_word_name(word), error_word_sentence(word));
    if (reason->videos)
        fprintf(out, "%s video%s", html_count(reason->videos).text, reason->videos == 1 ? "" : "s");
    if (reason->clips)
        fprintf(out, "%s%s clip%s", reason->videos ? ", " : "", html_count(reason->clips).text,
                reason->clips == 1 ? "" : "s");
    write_advice(out, "). ", reason->word);
    fputs("\n", out);
}

void page_largest_reason(FILE *out, const struct page *page)
{
    struct reason reasons[ERROR_WORD_COUNT];

    if (!collect_reasons(page->counts, reasons) || !reasons->word)
        return;
    fputs("<p class=\"mostly\">The largest reason is ", out);
    write_cause(out, reasons);
}

void page_mendable_reason(FILE *out, const struct page *page, bool is_largest_told)
{
    struct reason reasons[ERROR_WORD_COUNT];
    int count = collect_reasons(page->counts, reasons), first = 0;

    while (first < count && (!reasons[first].mendable || !reasons[first].word))
        first++;
    if (first == count || (first == 0 && is_largest_told))
        return;
    fputs("<p>", out);
    write_cause(out, &reasons[first]);
}

void page_reasons(FILE *out, const struct page *page)
{
    struct reason reasons[ERROR_WORD_COUNT], sum = {0};
    int count = collect_reasons(page->counts, reasons);

    fputs("<table class=\"reasons\">\n"
          "<thead><tr><th scope=\"col\">Reason</th><th scope=\"col\">Videos</th><th scope=\"col\">Clips</th>"
          "<th scope=\"col\">Another run</th></tr></thead>\n<tbody>\n",
          out);
    for (int i = 0; i < count; i++) {
        write_reason(out, &reasons[i], chart_shade(page->counts->ranks[reasons[i].word]));
        sum.videos += reasons[i].videos;
        sum.clips += reasons[i].clips;
    }
    fputs("</tbody>\n<tfoot><tr><th scope=\"row\">in all</th>", out);
    write_number(out, sum.videos);
    write_number(out, sum.clips);
    fputs("<td></td></tr></tfoot></table>\n", out);
}

static void write_histogram(FILE *out, const struct histogram *histogram, const char *label, const char *unit)
{
    fprintf(out, "<figure><figcaption>%s</figcaption>\n", label);
    chart_histogram(out, histogram, label, unit);
    fprintf(out,
            "<details><summary>The same as a table</summary><table class=\"numbers\"><caption>%s</caption><thead><tr>"
            "<th scope=\"col\">%s</th><th scope=\"col\">Clips</th></tr></thead><tbody>\n",
            label, unit);
    for (int k = 0; k < histogram->classes; k++)
        fprintf(out, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n",
                html_range(histogram->edges[k], histogram->edges[k + 1]).text, html_count(histogram->count[k]).text);
    fputs("</tbody></table></details></figure>\n", out);
}

void page_shapes(FILE *out, const struct page *page)
{
    const struct counts *counts = page->counts;

    if (counts->yield.timeless)
        fprintf(out, "<p>The length of %s clips is not known: they are not among the lengths.</p>\n",
                html_count(counts->yield.timeless).text);
    fputs("<div class=\"pair\">\n", out);
    if (counts->lengths.total)
        write_histogram(out, &counts->lengths, "Length of the clips", "seconds");
    if (counts->sizes.total)
        write_histogram(out, &counts->sizes, "Shorter side of the clips", "pixels");
    fputs("</div>\n", out);
}
