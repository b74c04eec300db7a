#include "th-verify/page.h"

#include <inttypes.h>

#include "th-verify/figures.h"
#include "th-verify/html.h"

extern const char page_css[]; /* th-verify/page.css */

enum { TITLE_MAX = 120, COMMAND_MAX = 4000 }; /* characters */

static const char *title_of(const struct page *page)
{
    return page->title ? page->title : "Clips";
}

/* Nothing but what stands in the page itself may be shown, and nothing may run. */
static void write_head(FILE *out, const struct page *page)
{
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
          "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          out);
    html_text(out, title_of(page), TITLE_MAX);
    fprintf(out, ": what came out</title>\n<style>\n%s</style>\n</head>\n<body>\n", page_css);
}

/* The outcome in one sentence. */
static void write_lead(FILE *out, const struct counts *counts)
{
    const struct outcome_counts *clips = &counts->clips;
    char total[FIGURE_SIZE], ok[FIGURE_SIZE], failed[FIGURE_SIZE], skipped[FIGURE_SIZE];

    figure_count(total, clips->total);
    figure_count(ok, clips->status[STATUS_OK]);
    figure_count(failed, clips->status[STATUS_FAILED]);
    figure_count(skipped, clips->status[STATUS_SKIPPED]);
    fputs("<p class=\"lead\">", out);
    if (!clips->total)
        fputs("There are no clips yet.", out);
    else if (clips->status[STATUS_OK] == clips->total)
        fprintf(out, "All %s clips that were asked for are there%s.", total,
                counts->verified == clips->total ? ", and each has passed its check" : "");
    else
        fprintf(out, "%s of the %s clips that were asked for are there. %s failed, and %s could not be tried.", ok,
                total, failed, skipped);
    fputs("</p>\n", out);
}

/* label, value and note are the program's own texts. */
static void write_tile(FILE *out, const char *label, const char *value, const char *note)
{
    fprintf(out, "<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>\n", label, value, note);
}

static void write_tiles(FILE *out, const struct counts *counts)
{
    const struct outcome_counts *clips = &counts->clips, *videos = &counts->stages[STAGE_FETCH][KIND_VIDEO];
    const struct yield *yield = &counts->yield;
    char value[FIGURE_SIZE], note[3 * FIGURE_SIZE], part[FIGURE_SIZE], whole[FIGURE_SIZE];

    fputs("<dl class=\"tiles\">\n", out);
    snprintf(note, sizeof note, "of %s, %s", figure_count(whole, clips->total),
             figure_share(part, clips->status[STATUS_OK], clips->total));
    write_tile(out, "Clips", figure_count(value, clips->status[STATUS_OK]), note);
    if (videos->total) {
        snprintf(note, sizeof note, "of %s, %s", figure_count(whole, videos->total),
                 figure_bytes(part, counts->downloaded_bytes));
        write_tile(out, "Videos downloaded", figure_count(value, videos->status[STATUS_OK]), note);
    }
    snprintf(note, sizeof note, "%s frames", figure_count(whole, yield->frames));
    write_tile(out, "Playing time", figure_duration(value, yield->seconds), note);
    snprintf(note, sizeof note, "%s a clip",
             figure_bytes(part, clips->status[STATUS_OK] ? yield->bytes / clips->status[STATUS_OK] : 0));
    write_tile(out, "Size of all clips", figure_bytes(value, yield->bytes), note);
    snprintf(note, sizeof note, "of %s whose size is known", figure_count(whole, counts->sizes.total));
    write_tile(out, "Above 512 \xC3\x97 512", figure_count(value, counts->above_512), note);
    fputs("</dl>\n", out);
}

static bool may_be_mended(const struct counts *counts)
{
    int64_t sum = counts->clips.may_be_mended;

    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            sum += counts->stages[stage][kind].may_be_mended;
    return sum > 0;
}

/* The one thing to do next. */
static void write_next(FILE *out, const struct page *page)
{
    const struct outcome_counts *clips = &page->counts->clips;
    char count[FIGURE_SIZE];

    if (!may_be_mended(page->counts)) {
        if (clips->status[STATUS_OK] < clips->total)
            fputs("<p class=\"next\">Nothing is left that another run could mend.</p>\n", out);
        return;
    }
    fputs("<section class=\"next\" aria-labelledby=\"next\">\n<h2 id=\"next\">What to do next</h2>\n", out);
    if (clips->may_be_mended)
        fprintf(out, "<p>Another run may mend %s of the clips that are missing.",
                figure_count(count, clips->may_be_mended));
    else
        fputs("<p>Another run may mend some of this.", out);
    if (page->rerun) {
        fputs(" It makes only what is missing:</p>\n<pre><code>", out);
        html_text(out, page->rerun, COMMAND_MAX);
        fputs("</code></pre>\n</section>\n", out);
        return;
    }
    fputs(
        " Give the records that are not ok to the program that wrote them again, and those of th-verify to th-crop, "
        "which makes the clips anew:</p>\n<pre><code>grep -v '\"status\": *\"ok\"' verify.jsonl | th-crop -i CHUNKS -o "
        "CLIPS</code></pre>\n</section>\n",
        out);
}

static void write_header(FILE *out, const struct page *page)
{
    char date[64] = "";
    struct tm time;

    if (gmtime_r(&page->made, &time))
        (void)strftime(date, sizeof date, "%Y-%m-%d, %H:%M UTC", &time);
    fprintf(out, "<header>\n<p class=\"made\">Report of %s</p>\n<h1>", date);
    html_foreign(out, title_of(page), TITLE_MAX);
    fputs("</h1>\n", out);
    write_lead(out, page->counts);
    fputs("</header>\n", out);
}

void page_write(FILE *out, const struct page *page)
{
    write_head(out, page);
    write_header(out, page);
    fputs("<main>\n", out);
    write_tiles(out, page->counts);
    write_next(out, page);
    page_outcomes(out, page);
    page_reasons(out, page);
    page_histograms(out, page);
    page_videos(out, page);
    page_messages(out, page);
    page_clips(out, page);
    fputs(
        "</main>\n<footer>\n<p>Every clip counts once: ok, failed (tried, and not done) or skipped (not tried, because "
        "something before it failed). Clips are shown by a hash of their names, so it is not the best ones that "
        "are.</p>\n<p>Written by th-verify " TH_VERSION " of the TalkingHead-1KH tools. The page holds all that it "
        "shows; it loads nothing.</p>\n</footer>\n</body>\n</html>\n",
        out);
}
