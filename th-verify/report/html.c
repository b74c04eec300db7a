#include "th-verify/report/html.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/text.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Characters that are invisible or change how others are shown. Without the joiners U+200C and U+200D, which Persian,
 * Hindi and other scripts need. */
static const struct {
    uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F},                        /* controls */
    {0x00AD, 0x00AD}, {0x061C, 0x061C},   {0x180E, 0x180E},    /* soft hyphen, Arabic and Mongolian marks */
    {0x200B, 0x200B}, {0x200E, 0x200F},   {0x202A, 0x202E},    /* no width; directions */
    {0x2060, 0x206F}, {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},    /* more of these; byte order, annotations */
    {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}, /* no characters, tags, private use */
};

static uint32_t code_point(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;
    uint32_t code = length == 1 ? byte[0] : byte[0] & (0x7Fu >> length);

    for (size_t i = 1; i < length; i++)
        code = code << 6 | (byte[i] & 0x3Fu);
    return code;
}

static bool is_hidden(uint32_t code)
{
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (code >= hidden[i].first && code <= hidden[i].last)
            return true;
    return false;
}

/* What replaces the character in the page; NULL when nothing does. */
static const char *replacement_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
    case '\r':
    case 0x2028:
    case 0x2029:
        return " ";
    default:
        return is_hidden(code) ? replacement : NULL;
    }
}

void html_text(FILE *out, const char *text, size_t max)
{
    for (size_t count = 0; *text; count++) {
        size_t length = text_character(text);
        const char *instead = length ? replacement_of(code_point(text, length)) : replacement;

        if (count == max) {
            fputs("\xE2\x80\xA6", out); /* U+2026 */
            return;
        }
        if (instead)
            fputs(instead, out);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
}

void html_foreign(FILE *out, const char *text, size_t max)
{
    fputs("<bdi>", out);
    html_text(out, text, max);
    fputs("</bdi>", out);
}

void html_link(FILE *out, const char *url, const char *label, size_t max)
{
    enum { URL_MAX = 2000 }; /* characters; longer ones are not made links */
    bool is_page = url && (!strncmp(url, "https://", 8) || !strncmp(url, "http://", 7)) && strlen(url) <= URL_MAX;

    if (is_page) {
        fputs("<a rel=\"noopener noreferrer\" href=\"", out);
        html_text(out, url, URL_MAX);
        fputs("\">", out);
    }
    html_foreign(out, label, max);
    if (is_page)
        fputs("</a>", out);
}
