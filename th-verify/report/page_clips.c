/* The sections with single items: messages, and contact sheets of clips with their tube rows. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/stage/record.h"
#include "th-verify/report/html.h"
#include "th-verify/report/page.h"

enum { KEY_MAX = 220, WORD_MAX = 40, MESSAGE_MAX = 300, TITLE_MAX = 90 }; /* characters */
enum { CARDS_OPEN = 6, MESSAGES_OPEN = 5, MESSAGES_SHOWN = 24 };

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

/* The clip's file name, as a link that is relative when the file is below the folder of the page. */
static void write_file(FILE *out, const char *folder, const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t length = folder ? strlen(folder) : 0;
    char *whole = folder ? realpath(path, NULL) : NULL;

    fputs("<p class=\"file\">", out);
    if (whole) {
        bool is_below = !strncmp(whole, folder, length) && whole[length] == '/';

        fputs(is_below ? "<a href=\"" : "<a href=\"file://", out);
        html_address(out, is_below ? whole + length + 1 : whole);
        fputs("\">", out);
    }
    html_text(out, name, KEY_MAX);
    fputs(whole ? "</a></p>\n" : "</p>\n", out);
    free(whole);
}

static void write_facts(FILE *out, const json_t *record)
{
    json_int_t frames = json_integer_value(json_object_get(record, "frames"));
    json_int_t width = json_integer_value(json_object_get(record, "width"));
    json_int_t height = json_integer_value(json_object_get(record, "height"));

    if (record_text(record, "error"))
        write_fault(out, record);
    if (frames > 0)
        fprintf(out, "<p class=\"facts\">%s frame%s", html_count(frames).text, frames == 1 ? "" : "s");
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

static bool has_picture(const struct contact_sheet *sheet)
{
    int width, height;

    return contact_sheet_picture(sheet, 0, &width, &height);
}

static size_t count_pictures(const struct contact_sheet *sheets, size_t count)
{
    size_t seen = 0;

    for (size_t i = 0; i < count; i++)
        seen += has_picture(&sheets[i]);
    return seen;
}

static void write_card(FILE *out, const struct page *page, const struct contact_sheet *sheet)
{
    fputs("<figure>\n", out);
    write_pictures(out, sheet);
    fputs("<figcaption>", out);
    write_file(out, page->folder, record_text(sheet->record, "path"));
    fputs("<p class=\"row\">", out);
    write_row(out, sheet->record);
    fputs("</p>\n", out);
    write_facts(out, sheet->record);
    write_credit(out, item_table_video(page->table, record_text(sheet->record, "video")));
    fputs("</figcaption>\n</figure>\n", out);
}

/* The cards of those that have a picture, the first ones open. */
static void write_cards(FILE *out, const struct page *page, const struct contact_sheet *sheets, size_t count)
{
    const char *size = sheets->side == CONTACT_SHEET_SMALL ? " small" : "";
    size_t all = count_pictures(sheets, count), written = 0;

    if (!all)
        return;
    fprintf(out, "<div class=\"cards%s\">\n", size);
    for (size_t i = 0; i < count; i++) {
        if (!has_picture(&sheets[i]))
            continue;
        if (written == CARDS_OPEN)
            fprintf(out, "</div>\n<details class=\"rest\"><summary>%s more</summary>\n<div class=\"cards%s\">\n",
                    html_count((int64_t)(all - written)).text, size);
        write_card(out, page, &sheets[i]);
        written++;
    }
    fputs(all > CARDS_OPEN ? "</div></details>\n" : "</div>\n", out);
}

/* A message, how many items say it, and one of them. */
static void write_message(FILE *out, const struct message *message, int64_t count)
{
    fprintf(out, "<li><p class=\"fault\"><strong>%s\xC2\xA0\xC3\x97</strong> <code>%s</code> ", html_count(count).text,
            message->word ? error_word_name(message->word) : "no reason");
    html_foreign(out, message->text, MESSAGE_MAX);
    fputs("</p>\n<p class=\"row\">", out);
    html_foreign(out, message->key, KEY_MAX);
    if (count > 1)
        fprintf(out, " and %s more", html_count(count - 1).text);
    fputs("</p></li>\n", out);
}

/* The message that most items say of those that fewer say than `than`, or as many and come after `after`. */
static size_t next_message(const struct page *page, int64_t than, size_t after)
{
    const int64_t *counts = page->counts->messages;
    size_t all = page->table->message_count, next = all;

    for (size_t i = 0; i < all; i++)
        if (counts[i] && (counts[i] < than || (counts[i] == than && i > after)) &&
            (next == all || counts[i] > counts[next]))
            next = i;
    return next;
}

void page_messages(FILE *out, const struct page *page)
{
    int64_t than = INT64_MAX;
    size_t next = 0, shown = 0;

    fputs("<p>What was said of videos, chunks and clips that failed and have no frames to show; messages that differ "
          "only "
          "in numbers and names are one.</p>\n<ul class=\"messages\">\n",
          out);
    while ((next = next_message(page, than, next)) < page->table->message_count && shown < MESSAGES_SHOWN) {
        than = page->counts->messages[next];
        if (shown++ == MESSAGES_OPEN)
            fputs("</ul>\n<details><summary>More messages</summary>\n<ul class=\"messages\">\n", out);
        write_message(out, &page->table->messages[next], than);
    }
    fputs(shown > MESSAGES_OPEN ? "</ul></details>\n" : "</ul>\n", out);
}

/* "All 7 clips", "The one clip", "300 of the 1,204 clips". */
static void write_part(FILE *out, int64_t shown, int64_t all)
{
    if (shown == 1 && all == 1)
        fputs("the one clip", out);
    else if (shown == all)
        fprintf(out, "all %s clips", html_count(all).text);
    else
        fprintf(out, "%s of the %s clips", html_count(shown).text, html_count(all).text);
}

/* Clips of which no picture could be made, in words. */
static void write_unseen(FILE *out, const struct contact_sheet *sheets, size_t count)
{
    fputs("<ul class=\"messages\">\n", out);
    for (size_t i = 0; i < count; i++) {
        if (has_picture(&sheets[i]))
            continue;
        fputs("<li><p class=\"row\">", out);
        write_row(out, sheets[i].record);
        fputs("</p>\n", out);
        write_fault(out, sheets[i].record);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

void page_failed(FILE *out, const struct page *page)
{
    int64_t seen = (int64_t)count_pictures(page->failed, page->failed_count);
    int64_t unseen = (int64_t)page->failed_count - seen, all = page->counts->failed_with_frames - unseen;
    int64_t blind = page->counts->clips.status[STATUS_FAILED] - all;

    if (seen) {
        fputs("<p>First, middle and last frame of ", out);
        write_part(out, seen, all);
        fputs(" that failed and can be shown, with the row of the list under each.", out);
        if (seen < all)
            fputs(" Every reason is represented.", out);
        if (blind)
            fprintf(out, " %s more failed and ha%s no frames.", html_count(blind).text, blind == 1 ? "s" : "ve");
        fputs("</p>\n", out);
    }
    write_cards(out, page, page->failed, page->failed_count);
    if (unseen)
        write_unseen(out, page->failed, page->failed_count);
}

void page_good(FILE *out, const struct page *page)
{
    int64_t seen = (int64_t)count_pictures(page->good, page->good_count), unseen = (int64_t)page->good_count - seen;

    if (seen) {
        fputs("<p>First, middle and last frame of ", out);
        write_part(out, seen, page->counts->clips.status[STATUS_OK]);
        fputs(" that are ok, with the row of the list under each.</p>\n", out);
    }
    if (unseen)
        fprintf(out, "<p>No picture could be made of %s clip%s that %s ok.</p>\n", html_count(unseen).text,
                unseen == 1 ? "" : "s", unseen == 1 ? "is" : "are");
    write_cards(out, page, page->good, page->good_count);
}
