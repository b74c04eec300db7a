/* The videos that gave least, and the complete list of those that gave nothing, on the page and as CSV. */
#include <inttypes.h>
#include <string.h>

#include "th-verify/report/chart.h"
#include "th-verify/report/html.h"
#include "th-verify/report/page.h"

enum {
    LEAST_MAX = 5,    /* videos of each kind */
    LIST_MAX = 10000, /* videos in the complete list of the page; the CSV has all */
    TITLE_MAX = 90    /* characters of a title */
};

static enum error_word reason_of(const struct video_counts *counts)
{
    return counts->own ? counts->own : counts_video_reason(counts);
}

/* The address of the video's page; NULL when there is none, or when it may hold a password or a key. */
static const char *public_url(const struct video *video)
{
    const char *query = video->url ? strpbrk(video->url, "@?&#") : NULL;

    return query && (strncmp(query, "?v=", 3) != 0 || strpbrk(query + 1, "@?&#")) ? NULL : video->url;
}

/* The link to the video's page, and its title. */
static void write_name(FILE *out, const struct video *video)
{
    html_link(out, public_url(video), video->id, TITLE_MAX);
    if (video->title) {
        fputs(" <span class=\"title\">", out);
        html_foreign(out, video->title, TITLE_MAX);
        fputs("</span>", out);
    }
}

static void write_video(FILE *out, const struct page *page, const struct video_counts *counts)
{
    enum error_word word = reason_of(counts);

    fputs("<tr><th scope=\"row\">", out);
    write_name(out, &page->table->videos[counts->video]);
    fprintf(out, "</th><td>%s of %s", html_count(counts->status[STATUS_OK]).text,
            html_count(counts_video_total(counts)).text);
    chart_video(out, counts, page->counts->ranks);
    fprintf(out, "</td><td><code>%s</code></td></tr>\n", word ? error_word_name(word) : "no reason");
}

/* The rows of one lack. */
static void write_videos(FILE *out, const struct page *page, enum lack lack, const char *label)
{
    size_t least[LEAST_MAX], count = counts_least(page->counts, lack, least, LEAST_MAX);
    size_t all = page->counts->lacking[lack];

    if (!count)
        return;
    fprintf(out, "<tbody>\n<tr><th class=\"group\" scope=\"rowgroup\" colspan=\"3\">%s video%s gave %s",
            html_count((int64_t)all).text, all == 1 ? "" : "s", label);
    if (count < all)
        fprintf(out, "; here are %s", html_count((int64_t)count).text);
    fputs("</th></tr>\n", out);
    for (size_t i = 0; i < count; i++)
        write_video(out, page, &page->counts->videos[least[i]]);
    fputs("</tbody>\n", out);
}

/* All videos that gave no clip, in the order of the records. */
static void write_barren(FILE *out, const struct page *page)
{
    const struct counts *counts = page->counts;
    size_t shown = 0;

    fprintf(out, "<details class=\"barren\"><summary>%s%s video%s that gave nothing</summary>\n",
            counts->barren == 1 ? "The " : "All ", html_count((int64_t)counts->barren).text,
            counts->barren == 1 ? "" : "s");
    fputs("<table class=\"barren\">\n<thead><tr><th scope=\"col\">Video</th><th scope=\"col\">Reason</th>"
          "<th scope=\"col\">Clips</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < counts->video_count && shown < LIST_MAX; i++) {
        const struct video_counts *video = &counts->videos[i];
        enum error_word word = reason_of(video);

        if (!counts_video_is_barren(video))
            continue;
        fputs("<tr><th scope=\"row\">", out);
        write_name(out, &page->table->videos[video->video]);
        fprintf(out, "</th><td><code>%s</code></td><td>%s</td></tr>\n", word ? error_word_name(word) : "no reason",
                html_count(counts_video_total(video)).text);
        shown++;
    }
    fputs("</tbody></table>\n", out);
    if (shown < counts->barren)
        fprintf(out, "<p>These are the first %s.</p>\n", html_count((int64_t)shown).text);
    fputs("</details>\n", out);
    if (page->barren_list) {
        fputs("<p class=\"list\"><a href=\"", out);
        html_address(out, page->barren_list);
        fputs("\">The same list as CSV</a></p>\n", out);
    }
}

void page_videos(FILE *out, const struct page *page)
{
    if (page->counts->lacking[LACKS_ALL] || page->counts->lacking[LACKS_SOME]) {
        fputs("<table class=\"videos\">\n<thead><tr><th scope=\"col\">Video</th><th scope=\"col\">Clips</th>"
              "<th scope=\"col\">Mostly</th></tr></thead>\n",
              out);
        write_videos(out, page, LACKS_SOME, "only a part of their clips");
        write_videos(out, page, LACKS_ALL, "no clip");
        fputs("</table>\n", out);
    }
    if (page->counts->barren)
        write_barren(out, page);
}

/* A quoted field. An apostrophe stands before what a spreadsheet would take for a formula. */
static void write_field(FILE *out, const char *text)
{
    fputs(strchr("=+-@\t\r", *text) && *text ? "\"'" : "\"", out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
    fputc('"', out);
}

void page_barren_csv(FILE *out, const struct counts *counts, const struct item_table *table)
{
    fputs("\"video\",\"error\",\"clips\",\"url\",\"title\"\n", out);
    for (size_t i = 0; i < counts->video_count; i++) {
        const struct video_counts *video = &counts->videos[i];
        const struct video *about = &table->videos[video->video];

        if (!counts_video_is_barren(video))
            continue;
        write_field(out, about->id);
        fprintf(out, ",\"%s\",%" PRId64 ",", error_word_name(reason_of(video)), counts_video_total(video));
        write_field(out, public_url(about) ? public_url(about) : "");
        fputc(',', out);
        write_field(out, about->title ? about->title : "");
        fputc('\n', out);
    }
}
