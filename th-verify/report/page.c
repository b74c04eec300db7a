#include "th-verify/report/page.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "th-verify/report/html.h"
#include "th-verify/report/number_format.h"

extern const char page_css[]; /* th-verify/report/page.css */

enum { TITLE_MAX = 120 }; /* characters */

static const char *title_of(const struct page *page)
{
    return page->title ? page->title : "Clips";
}

/* The policy lets browsers show only what the page itself contains, and run nothing. */
static void write_head(FILE *out, const struct page *page)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
          "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
          "<meta http-equiv=\"x-dns-prefetch-control\" content=\"off\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          out);
    html_text(out, title_of(page), TITLE_MAX);
    fprintf(out, ": what came out</title>\n<style>\n%s</style>\n</head>\n<body>\n", page_css);
}

/* The clips that are not ok. */
static void write_missing(FILE *out, int64_t failed, int64_t skipped)
{
    char number[NUMBER_FORMAT_SIZE];

    if (failed)
        fprintf(out, " %s failed", number_format_count(number, failed));
    if (skipped)
        fprintf(out, "%s%s could not be tried", failed ? ", and " : " ", number_format_count(number, skipped));
    if (failed || skipped)
        fputs(".", out);
}

/* Whether the ok clips were verified. */
static void write_verified(FILE *out, int64_t ok, int64_t verified)
{
    char number[NUMBER_FORMAT_SIZE];

    if (ok == verified)
        fputs(ok == 1 ? ", and it has passed its check" : ", and each has passed its check", out);
    else if (verified)
        fprintf(out, ", %s of them not verified", number_format_count(number, ok - verified));
    else
        fputs(", not verified", out);
}

/* The result in words. */
static void write_lead(FILE *out, const struct counts *counts)
{
    const struct outcome_counts *clips = &counts->clips;
    int64_t ok = clips->status[STATUS_OK];
    char number[NUMBER_FORMAT_SIZE], total[NUMBER_FORMAT_SIZE];

    number_format_count(total, clips->total);
    fputs("<p class=\"lead\">", out);
    if (!clips->total)
        fputs("There are no clips yet", out);
    else if (clips->total == 1)
        fprintf(out, "The one clip that was asked for is %s", ok ? "there" : "missing");
    else if (!ok)
        fprintf(out, "None of the %s clips that were asked for is there", total);
    else if (ok == clips->total)
        fprintf(out, "All %s clips that were asked for are there", total);
    else
        fprintf(out, "%s of the %s clips that were asked for %s there", number_format_count(number, ok), total,
                ok == 1 ? "is" : "are");
    if (ok)
        write_verified(out, ok, counts->stages[STAGE_VERIFY][KIND_CLIP].status[STATUS_OK]);
    fputs(".", out);
    write_missing(out, clips->status[STATUS_FAILED], clips->status[STATUS_SKIPPED]);
    fputs("</p>\n", out);
}

/* "Asked for: 12 videos, and 77 clips of 11 videos" */
static void write_asked(FILE *out, const struct counts *counts)
{
    int64_t videos = counts->stages[STAGE_FETCH][KIND_VIDEO].total, clips = counts->clips.total;
    int64_t sources = (int64_t)counts_asked(counts);
    char number[NUMBER_FORMAT_SIZE], other[NUMBER_FORMAT_SIZE];

    if (!videos && !clips)
        return;
    fputs("<p class=\"asked\">Asked for: ", out);
    if (videos)
        fprintf(out, "%s video%s", number_format_count(number, videos), videos == 1 ? "" : "s");
    if (clips)
        fprintf(out, "%s%s clip%s", videos ? ", and " : "", number_format_count(number, clips), clips == 1 ? "" : "s");
    if (clips && sources)
        fprintf(out, " of %s video%s", number_format_count(other, sources), sources == 1 ? "" : "s");
    fputs("</p>\n", out);
}

/* label, value and note are not foreign text. */
static void write_tile(FILE *out, const char *label, const char *value, const char *note)
{
    fprintf(out, "<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>\n", label, value, note);
}

static void write_tiles(FILE *out, const struct counts *counts)
{
    const struct outcome_counts *clips = &counts->clips, *videos = &counts->stages[STAGE_FETCH][KIND_VIDEO];
    const struct yield *yield = &counts->yield;
    char value[NUMBER_FORMAT_SIZE], note[3 * NUMBER_FORMAT_SIZE], part[NUMBER_FORMAT_SIZE], whole[NUMBER_FORMAT_SIZE];

    fputs("<dl class=\"tiles\">\n", out);
    snprintf(note, sizeof note, "of %s, %s", number_format_count(whole, clips->total),
             number_format_share(part, clips->status[STATUS_OK], clips->total));
    write_tile(out, "Clips", number_format_count(value, clips->status[STATUS_OK]), note);
    if (videos->total) {
        snprintf(note, sizeof note, "of %s, %s", number_format_count(whole, videos->total),
                 number_format_bytes(part, counts->downloaded_bytes));
        write_tile(out, "Videos", number_format_count(value, videos->status[STATUS_OK]), note);
    }
    snprintf(note, sizeof note, "%s frames", number_format_count(whole, yield->frames));
    write_tile(out, "Playing time", number_format_duration(value, yield->seconds), note);
    snprintf(note, sizeof note, "%s a clip",
             number_format_bytes(part, clips->status[STATUS_OK] ? yield->bytes / clips->status[STATUS_OK] : 0));
    write_tile(out, "Size of all clips", number_format_bytes(value, yield->bytes), note);
    snprintf(note, sizeof note, "of %s %s", number_format_count(whole, counts->sizes.total),
             counts->sizes.total != clips->status[STATUS_OK] ? "whose size is known"
             : counts->sizes.total == 1                      ? "clip"
                                                             : "clips");
    write_tile(out,
               "Above 512\xC2\xA0\xC3\x97\xC2\xA0"
               "512",
               number_format_count(value, counts->above_512), note);
    fputs("</dl>\n", out);
}

/* True when a rerun may mend a video, a chunk or a clip. */
static bool may_be_mended(const struct counts *counts)
{
    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            if (counts->stages[stage][kind].may_be_mended)
                return true;
    return false;
}

/* Lines break only between words, not after `--`. */
static void write_command(FILE *out, const char *command)
{
    char *text = strdup(command), *rest = text, *word;
    const char *between = "";

    fputs("<pre><code>", out);
    while ((word = strsep(&rest, " "))) {
        fprintf(out, "%s<span>", between);
        html_text(out, word, SIZE_MAX);
        fputs("</span>", out);
        between = " ";
    }
    fputs("</code></pre>\n", out);
    free(text);
}

/* What to do next. */
static void write_next(FILE *out, const struct page *page)
{
    const struct outcome_counts *clips = &page->counts->clips;
    char count[NUMBER_FORMAT_SIZE];

    if (!may_be_mended(page->counts)) {
        if (clips->status[STATUS_OK] < clips->total)
            fputs("<p class=\"next\">Nothing is left that another run could mend.</p>\n", out);
        return;
    }
    fputs("<section class=\"next\" aria-labelledby=\"next\">\n<h2 id=\"next\">What to do next</h2>\n", out);
    if (clips->may_be_mended)
        fprintf(out, "<p>Another run may mend %s of the clips that are missing.",
                number_format_count(count, clips->may_be_mended));
    else
        fputs("<p>Another run may mend some of this.", out);
    if (page->rerun)
        fputs(" It makes only what is missing:</p>\n", out);
    else
        fputs(" Give the records that are not ok to the program that wrote them, and those of th-verify to "
              "th-crop, which makes the clips again:</p>\n",
              out);
    write_command(out, page->rerun ? page->rerun
                                   : "grep -v '\"status\": *\"ok\"' verify.jsonl | th-crop -i CHUNKS -o CLIPS");
    fputs("</section>\n", out);
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
    write_asked(out, page->counts);
    fputs("</header>\n", out);
}

enum { OUTCOMES, REASONS, SHAPES, VIDEOS, MESSAGES, FAILED, GOOD, SECTIONS };

static const struct section {
    const char *id, *label; /* of its heading; in the list of sections */
    void (*write)(FILE *out, const struct page *page);
} sections[SECTIONS] = {
    [OUTCOMES] = {"outcomes", "Outcomes", page_outcomes},
    [REASONS] = {"reasons", "Reasons", page_reasons},
    [SHAPES] = {"shapes", "Lengths and sizes", page_shapes},
    [VIDEOS] = {"videos", "Videos", page_videos},
    [MESSAGES] = {"messages", "Messages", page_messages},
    [FAILED] = {"failed", "Failed clips", page_failed},
    [GOOD] = {"good", "Good clips", page_good},
};

/* Sets has to which sections have content. */
static void find_content(const struct page *page, bool *has)
{
    const struct counts *counts = page->counts;

    has[OUTCOMES] = false;
    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            has[OUTCOMES] |= counts->stages[stage][kind].total > 0;
    has[REASONS] = counts->clips.status[STATUS_OK] < counts->clips.total ||
                   counts->stages[STAGE_FETCH][KIND_VIDEO].status[STATUS_FAILED] ||
                   counts->stages[STAGE_SPLIT][KIND_VIDEO].status[STATUS_FAILED];
    has[SHAPES] = counts->lengths.total || counts->sizes.total;
    has[VIDEOS] = counts_lacking(counts, LACKS_ALL) || counts_lacking(counts, LACKS_SOME);
    has[MESSAGES] = page->message_count > 0;
    has[FAILED] = page->failed_count > 0;
    has[GOOD] = page->good_count > 0;
}

void page_write(FILE *out, const struct page *page)
{
    bool has[SECTIONS];

    find_content(page, has);
    write_head(out, page);
    write_header(out, page);
    if (has[OUTCOMES]) {
        fputs("<nav aria-label=\"Sections\">", out);
        for (int i = 0; i < SECTIONS; i++)
            if (has[i])
                fprintf(out, "<a href=\"#%s\">%s</a> ", sections[i].id, sections[i].label);
        fputs("</nav>\n", out);
    }
    fputs("<main>\n", out);
    write_tiles(out, page->counts);
    write_next(out, page);
    for (int i = 0; i < SECTIONS; i++)
        if (has[i])
            sections[i].write(out, page);
    fputs("</main>\n<footer>\n<p>Every clip counts once: ok, failed or skipped. A hash of their names decides which "
          "clips are shown, not their quality.</p>\n<p>Written by th-verify " TH_VERSION
          " of the TalkingHead-1KH tools. "
          "This page contains everything that it shows and loads nothing.</p>\n</footer>\n</body>\n</html>\n",
          out);
}
