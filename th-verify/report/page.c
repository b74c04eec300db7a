#include "th-verify/report/page.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "th-verify/report/html.h"

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
static void write_missing(FILE *out, const struct outcome_counts *clips)
{
    int64_t failed = clips->status[STATUS_FAILED], skipped = clips->status[STATUS_SKIPPED];

    if (skipped && skipped == clips->total)
        fputs(skipped == 1 ? " It could not be tried." : " None could be tried.", out);
    else if (failed && failed == clips->total)
        fputs(failed == 1 ? " It failed." : " All failed.", out);
    if (skipped == clips->total || failed == clips->total)
        return;
    if (failed)
        fprintf(out, " %s failed", html_count(failed).text);
    if (skipped)
        fprintf(out, "%s%s could not be tried", failed ? ", and " : " ", html_count(skipped).text);
    if (failed || skipped)
        fputs(".", out);
}

/* Whether the ok clips were verified. */
static void write_verified(FILE *out, int64_t ok, int64_t verified)
{
    if (ok == verified)
        fputs(ok == 1 ? ", and it has passed its check" : ", and each has passed its check", out);
    else if (verified)
        fprintf(out, ", %s of them not verified", html_count(ok - verified).text);
    else
        fputs(", not verified", out);
}

/* The result in words. */
static void write_lead(FILE *out, const struct counts *counts)
{
    const struct outcome_counts *clips = &counts->clips, *videos = &counts->stages[STAGE_FETCH][KIND_VIDEO];
    const struct html_number total = html_count(clips->total);
    int64_t ok = clips->status[STATUS_OK];

    fputs("<p class=\"lead\">", out);
    if (!clips->total && videos->total && !videos->status[STATUS_OK])
        fprintf(out, "None of the %s video%s could be downloaded", html_count(videos->total).text,
                videos->total == 1 ? "" : "s");
    else if (!clips->total)
        fputs("There are no clips yet", out);
    else if (clips->total == 1)
        fprintf(out, "The one clip that was asked for is %s", ok ? "there" : "missing");
    else if (!ok)
        fprintf(out, "None of the %s clips that were asked for is there", total.text);
    else if (ok == clips->total)
        fprintf(out, "All %s clips that were asked for are there", total.text);
    else
        fprintf(out, "%s of the %s clips that were asked for %s there", html_count(ok).text, total.text,
                ok == 1 ? "is" : "are");
    if (ok)
        write_verified(out, ok, counts->stages[STAGE_VERIFY][KIND_CLIP].status[STATUS_OK]);
    fputs(".", out);
    write_missing(out, clips);
    fputs("</p>\n", out);
}

/* "Asked for: 12 videos, and 77 clips of 11 videos" */
static void write_asked(FILE *out, const struct counts *counts)
{
    int64_t videos = counts->stages[STAGE_FETCH][KIND_VIDEO].total, clips = counts->clips.total;
    int64_t sources = (int64_t)counts->asked;

    if (!videos && !clips)
        return;
    fputs("<p class=\"asked\">Asked for: ", out);
    if (videos)
        fprintf(out, "%s video%s", html_count(videos).text, videos == 1 ? "" : "s");
    if (clips)
        fprintf(out, "%s%s clip%s", videos ? ", and " : "", html_count(clips).text, clips == 1 ? "" : "s");
    if (clips && sources)
        fprintf(out, " of %s video%s", html_count(sources).text, sources == 1 ? "" : "s");
    fputs("</p>\n", out);
}

static void write_tiles(FILE *out, const struct counts *counts)
{
    const struct outcome_counts *clips = &counts->clips, *videos = &counts->stages[STAGE_FETCH][KIND_VIDEO];
    const struct yield *yield = &counts->yield;
    int64_t ok = clips->status[STATUS_OK];

    fprintf(out, "<dl class=\"tiles\">\n<div><dt>Clips</dt><dd>%s<small>of %s, %s</small></dd></div>\n",
            html_count(ok).text, html_count(clips->total).text, html_share(ok, clips->total).text);
    if (videos->total)
        fprintf(out, "<div><dt>Videos</dt><dd>%s<small>of %s, %s</small></dd></div>\n",
                html_count(videos->status[STATUS_OK]).text, html_count(videos->total).text,
                html_bytes(counts->downloaded_bytes).text);
    if (!ok) {
        fputs("</dl>\n", out);
        return;
    }
    fprintf(out, "<div><dt>Playing time</dt><dd>%s<small>%s frames</small></dd></div>\n",
            html_duration(yield->seconds).text, html_count(yield->frames).text);
    fprintf(out, "<div><dt>Size of all clips</dt><dd>%s<small>%s a clip</small></dd></div>\n",
            html_bytes(yield->bytes).text, html_bytes(yield->bytes / ok).text);
    fprintf(out,
            "<div><dt>Above 512\xC2\xA0\xC3\x97\xC2\xA0"
            "512</dt><dd>%s<small>of %s %s</small></dd></div>\n</dl>\n",
            html_count(counts->above_512).text, html_count(counts->sizes.total).text,
            counts->sizes.total != ok  ? "whose size is known"
            : counts->sizes.total == 1 ? "clip"
                                       : "clips");
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

/* Whether more than half of the clips are missing, or of the videos where there are no clips. */
static bool has_failed_mostly(const struct counts *counts)
{
    const struct outcome_counts *asked =
        counts->clips.total ? &counts->clips : &counts->stages[STAGE_FETCH][KIND_VIDEO];

    return asked->status[STATUS_OK] * 2 < asked->total;
}

/* What to do next. */
static void write_next(FILE *out, const struct page *page)
{
    const struct outcome_counts *clips = &page->counts->clips;

    if (!may_be_mended(page->counts)) {
        if (clips->status[STATUS_OK] < clips->total)
            fputs("<p class=\"next\">Nothing is left that another run could mend.</p>\n", out);
        return;
    }
    fputs("<section class=\"next\" aria-labelledby=\"next\">\n<h2 id=\"next\">What to do next</h2>\n", out);
    if (page->advice) {
        fputs("<p>", out);
        html_advice(out, page->advice);
        fputs("</p>\n", out);
    }
    page_mendable_reason(out, page, has_failed_mostly(page->counts));
    if (clips->may_be_mended)
        fprintf(out, "<p>Another run may mend %s of the clips that are missing.",
                html_count(clips->may_be_mended).text);
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
    if (has_failed_mostly(page->counts))
        page_largest_reason(out, page);
    write_asked(out, page->counts);
    fputs("</header>\n", out);
}

enum { OUTCOMES, REASONS, SHAPES, VIDEOS, MESSAGES, FAILED, GOOD, SECTIONS };

static const struct section {
    const char *id, *label, *heading; /* of its heading; in the list of sections; itself */
    void (*write)(FILE *out, const struct page *page);
} sections[SECTIONS] = {
    [OUTCOMES] = {"outcomes", "Outcomes", "From the list to the clips", page_outcomes},
    [REASONS] = {"reasons", "Reasons", "Why some are missing", page_reasons},
    [SHAPES] = {"shapes", "Lengths and sizes", "How long and how large the clips are", page_shapes},
    [VIDEOS] = {"videos", "Videos", "The videos that gave least", page_videos},
    [MESSAGES] = {"messages", "Messages", "What was said", page_messages},
    [FAILED] = {"failed", "Failed clips", "Clips that failed", page_failed},
    [GOOD] = {"good", "Good clips", "A look at the clips", page_good},
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
    has[VIDEOS] = counts->barren || counts->lacking[LACKS_SOME];
    has[MESSAGES] = false;
    for (size_t i = 0; i < page->table->message_count; i++)
        has[MESSAGES] |= counts->messages[i] > 0;
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
    if (has_failed_mostly(page->counts)) {
        write_next(out, page);
        write_tiles(out, page->counts);
    } else {
        write_tiles(out, page->counts);
        write_next(out, page);
    }
    for (int i = 0; i < SECTIONS; i++)
        if (has[i]) {
            fprintf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", sections[i].id, sections[i].id,
                    sections[i].heading);
            sections[i].write(out, page);
            fputs("</section>\n", out);
        }
    fputs("</main>\n<footer>\n<p>Every clip counts once: ok, failed or skipped.", out);
    if (has[FAILED] || has[GOOD])
        fputs(" A hash of their names decides which clips are shown, not their quality.", out);
    fputs("</p>\n<p>Written by th-verify " TH_VERSION " of the TalkingHead-1KH tools. "
          "This page contains everything that it shows and loads nothing.</p>\n</footer>\n</body>\n</html>\n",
          out);
}
