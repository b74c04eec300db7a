/* The sections with single items: messages, and contact sheets of clips with their tube rows. */
#include <inttypes.h>

#include "common/stage/record.h"
#include "th-verify/report/html.h"
#include "th-verify/report/number_format.h"
#include "th-verify/report/page.h"

enum { KEY_MAX = 220, WORD_MAX = 40, MESSAGE_MAX = 300, TITLE_MAX = 90 }; /* characters */

/* The row of the list, or the clip's name when its record does not hold the tube. */
static void write_row(FILE *out, const json_t *record)
{
    const char *chunk = record_text(record, "chunk"), *key = record_text(record, "key");
    struct error error;
    struct tube tube;

    if (!chunk || record_get_tube(record, &tube, &error)) {
        html_foreign(out, key ? key : "", KEY_MAX);
        return;
    }
    html_foreign(out, chunk, KEY_MAX);
    fprintf(out,
            ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32,
            tube.height, tube.width, tube.start, tube.end, tube.left, tube.top, tube.right, tube.bottom);
}

static void write_pictures(FILE *out, const struct contact_sheet *sheet)
{
    static const char *const places[CONTACT_SHEET_PICTURES] = {"first", "middle", "last"};
    const char *key = record_text(sheet->record, "key");
    int width, height;

    fputs("<div class=\"sheet\">", out);
    if (!contact_sheet_picture(sheet, 0, &width, &height))
        fputs("<p>No frame of it can be shown.</p>", out);
    for (int k = 0; k < CONTACT_SHEET_PICTURES; k++) {
        const char *jpeg = contact_sheet_picture(sheet, k, &width, &height);

        if (!jpeg)
            continue;
        /* This text comes from a process that decodes foreign media, so it is escaped, too. */
        fputs("<img src=\"data:image/jpeg;base64,", out);
        html_text(out, jpeg, SIZE_MAX);
        fprintf(out, "\" width=\"%d\" height=\"%d\" alt=\"%s frame of ", width, height, places[k]);
        html_text(out, key ? key : "", KEY_MAX);
        fputs("\">", out);
    }
    fputs("</div>\n", out);
}

/* The error word and the message. */
static void write_fault(FILE *out, const json_t *record)
{
    const char *word = record_text(record, "error"), *message = record_text(record, "message");

    fputs("<p class=\"fault\"><code>", out);
    html_text(out, word ? word : "no reason", WORD_MAX);
    fputs("</code> ", out);
    html_foreign(out, message ? message : "the record does not say why", MESSAGE_MAX);
    fputs("</p>\n", out);
}

static void write_facts(FILE *out, const json_t *record)
{
    json_int_t frames = json_integer_value(json_object_get(record, "frames"));
    json_int_t width = json_integer_value(json_object_get(record, "width"));
    json_int_t height = json_integer_value(json_object_get(record, "height"));
    char number[NUMBER_FORMAT_SIZE];

    if (record_text(record, "error"))
        write_fault(out, record);
    if (frames > 0)
        fprintf(out, "<p class=\"facts\">%s frame%s", number_format_count(number, frames), frames == 1 ? "" : "s");
    if (frames > 0 && width > 0 && height > 0 && record_text(record, "stage")[0] == 'v')
        fprintf(out, ", %" JSON_INTEGER_FORMAT " \xC3\x97 %" JSON_INTEGER_FORMAT, width, height);
    if (frames > 0)
        fputs("</p>\n", out);
}

/* The video and its uploader. A video without a title is named by its id. */
static void write_credit(FILE *out, const struct video *video)
{
    bool has_title = video && video->title && *video->title;

    if (!has_title && !(video && video->url))
        return;
    fputs("<p class=\"facts\">from ", out);
    html_link(out, video->url, has_title ? video->title : video->id, TITLE_MAX);
    if (video->uploader && *video->uploader) {
        fputs(" by ", out);
        html_foreign(out, video->uploader, TITLE_MAX);
    }
    fputs("</p>\n", out);
}

static void write_cards(FILE *out, const struct item_table *table, const struct contact_sheet *sheets, size_t count)
{
    fprintf(out, "<div class=\"cards%s\">\n", sheets->side == CONTACT_SHEET_SMALL ? " small" : "");
    for (size_t i = 0; i < count; i++) {
        fputs("<figure>\n", out);
        write_pictures(out, &sheets[i]);
        fputs("<figcaption><p class=\"row\">", out);
        write_row(out, sheets[i].record);
        fputs("</p>\n", out);
        write_facts(out, sheets[i].record);
        write_credit(out, item_table_video(table, record_text(sheets[i].record, "video")));
        fputs("</figcaption>\n</figure>\n", out);
    }
    fputs("</div>\n", out);
}

void page_messages(FILE *out, const struct page *page)
{
    fputs("<section aria-labelledby=\"messages\">\n<h2 id=\"messages\">What was said</h2>\n<p>Messages about videos, "
          "chunks and clips that failed and have no frames to show: at most 24, some of each reason.</p>\n"
          "<ul class=\"messages\">\n",
          out);
    for (size_t i = 0; i < page->message_count; i++) {
        const json_t *record = page->messages[i];
        const char *key = record_text(record, "key");

        fputs("<li><p class=\"row\">", out);
        html_foreign(out, key ? key : "", KEY_MAX);
        fputs("</p>\n", out);
        write_fault(out, record);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n</section>\n", out);
}

/* "All 7 clips", "The one clip", "300 of the 1,204 clips". */
static void write_part(FILE *out, int64_t shown, int64_t all)
{
    char part[NUMBER_FORMAT_SIZE], whole[NUMBER_FORMAT_SIZE];

    if (shown == 1 && all == 1)
        fputs("the one clip", out);
    else if (shown == all)
        fprintf(out, "all %s clips", number_format_count(whole, all));
    else
        fprintf(out, "%s of the %s clips", number_format_count(part, shown), number_format_count(whole, all));
}

void page_failed(FILE *out, const struct page *page)
{
    int64_t all = page->counts->failed_with_frames, blind = page->counts->clips.status[STATUS_FAILED] - all;
    char number[NUMBER_FORMAT_SIZE];

    fputs("<section aria-labelledby=\"failed\">\n<h2 id=\"failed\">Clips that failed</h2>\n"
          "<p>First, middle and last frame of ",
          out);
    write_part(out, (int64_t)page->failed_count, all);
    fputs(" that failed and can be shown, with the row of the list under each.", out);
    if ((int64_t)page->failed_count < all)
        fputs(" Every reason is represented.", out);
    if (blind)
        fprintf(out, " %s more failed and ha%s no frames.", number_format_count(number, blind),
                blind == 1 ? "s" : "ve");
    fputs("</p>\n", out);
    write_cards(out, page->table, page->failed, page->failed_count);
    fputs("</section>\n", out);
}

void page_good(FILE *out, const struct page *page)
{
    fputs("<section aria-labelledby=\"good\">\n<h2 id=\"good\">A look at the clips</h2>\n"
          "<p>First, middle and last frame of ",
          out);
    write_part(out, (int64_t)page->good_count, page->counts->clips.status[STATUS_OK]);
    fputs(" that are ok, with the row of the list under each.</p>\n", out);
    write_cards(out, page->table, page->good, page->good_count);
    fputs("</section>\n", out);
}
