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

/* Nothing but what stands in the page itself may be shown, and nothing may run. */
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

/* What became of those that are not ok. */
static void write_lacks(FILE *out, int64_t failed, int64_t skipped)
{
    char number[NUMBER_FORMAT_SIZE];

    if (failed)
        fprintf(out, " %s failed", number_format_count(number, failed));
    if (skipped)
        fprintf(out, "%s%s could not be tried", failed ? ", and " : " ", number_format_count(number, skipped));
    if (failed || skipped)
        fputs(".", out);
}

/* Whether those that are ok have been looked at. */
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

/* What came out, in words. */
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
    write_lacks(out, clips->status[STATUS_FAILED], clips->status[STATUS_SKIPPED]);
    fputs("</p>\n", out);
}

/* What was asked: "12 videos, and 77 clips of 11 videos". */
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

/* label, value and note are the program's own texts. */
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

static bool may_be_mended(const struct counts *counts)
{
    int64_t sum = counts->clips.may_be_mended;

    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            sum += counts->stages[stage][kind].may_be_mended;
    return sum > 0;
}

/* Each word stays together where lines break: `--` is no place for that. */
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

/* The one thing to do next. */
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
        fputs(" Give the records that are not ok to the program that wrote them again, and those of th-verify to "
              "th-crop, which makes the clips anew:</p>\n",
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

static bool has_outcomes(const struct page *page)
{
    int64_t sum = 0;

    for (int stage = 0; stage < STAGE_NAME_COUNT; stage++)
        for (int kind = 0; kind < KIND_COUNT; kind++)
            sum += page->counts->stages[stage][kind].total;
    return sum > 0;
}

static bool has_reasons(const struct page *page)
{
    const struct counts *counts = page->counts;

    return counts->clips.status[STATUS_OK] < counts->clips.total ||
           counts->stages[STAGE_FETCH][KIND_VIDEO].status[STATUS_FAILED] ||
           counts->stages[STAGE_SPLIT][KIND_VIDEO].status[STATUS_FAILED];
}

static bool has_shapes(const struct page *page)
{
    return page->counts->lengths.total || page->counts->sizes.total;
}

static bool has_videos(const struct page *page)
{
    return counts_lacking(page->counts, LACKS_ALL) || counts_lacking(page->counts, LACKS_SOME);
}

static bool has_messages(const struct page *page)
{
    return page->message_count > 0;
}

static bool has_failed(const struct page *page)
{
    return page->failed_count > 0;
}

static bool has_good(const struct page *page)
{
    return page->good_count > 0;
}

static const struct section {
    const char *id, *label; /* of its heading; in the list of sections */
    bool (*has)(const struct page *page);
    void (*write)(FILE *out, const struct page *page);
} sections[] = {
    {"outcomes", "Outcomes", has_outcomes, page_outcomes},
    {"reasons", "Reasons", has_reasons, page_reasons},
    {"shapes", "Lengths and sizes", has_shapes, page_shapes},
    {"videos", "Videos", has_videos, page_videos},
    {"messages", "Messages", has_messages, page_messages},
    {"failed", "Failed clips", has_failed, page_failed},
    {"good", "Good clips", has_good, page_good},
};

enum { SECTIONS = sizeof sections / sizeof *sections };

/* Links to the sections that there are. */
static void write_contents(FILE *out, const struct page *page)
{
    if (!has_outcomes(page))
        return;
    fputs("<nav aria-label=\"Sections\">", out);
    for (int i = 0; i < SECTIONS; i++)
        if (sections[i].has(page))
            fprintf(out, "<a href=\"#%s\">%s</a> ", sections[i].id, sections[i].label);
    fputs("</nav>\n", out);
}

static void write_sections(FILE *out, const struct page *page)
{
    fputs("<main>\n", out);
    write_tiles(out, page->counts);
    write_next(out, page);
    for (int i = 0; i < SECTIONS; i++)
        if (sections[i].has(page))
            sections[i].write(out, page);
    fputs("</main>\n", out);
}

void page_write(FILE *out, const struct page *page)
{
    write_head(out, page);
    write_header(out, page);
    write_contents(out, page);
    write_sections(out, page);
    fputs("<footer>\n<p>Every clip counts once: ok, failed or skipped. Which clips are shown is decided by a hash of "
          "their names: it is not the best ones that are.</p>\n<p>Written by th-verify " TH_VERSION
          " of the TalkingHead-1KH tools. The page holds all that it shows; it loads nothing.</p>\n</footer>\n</body>\n"
          "</html>\n",
          out);
}
