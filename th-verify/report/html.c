#include "th-verify/report/html.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* What replaces characters, the first row that holds one. Those that are invisible or change how others are shown do
 * not include the joiners U+200C and U+200D, which Persian, Hindi and other scripts need. */
static const struct {
    uint32_t first, last;
    const char *text;
} replacements[] = {
    {'&', '&', "&amp;"},
    {'<', '<', "&lt;"},
    {'>', '>', "&gt;"},
    {'"', '"', "&quot;"},
    {'\'', '\'', "&#39;"},
    {'\t', '\n', " "},
    {'\r', '\r', " "},
    {0x2028, 0x2029, " "},            /* separators of lines and paragraphs */
    {0x0000, 0x001F, replacement},    /* controls */
    {0x007F, 0x009F, replacement},    /* controls */
    {0x00AD, 0x00AD, replacement},    /* soft hyphen */
    {0x061C, 0x061C, replacement},    /* Arabic letter mark */
    {0x180E, 0x180E, replacement},    /* Mongolian vowel separator */
    {0x200B, 0x200B, replacement},    /* zero width space */
    {0x200E, 0x200F, replacement},    /* directions */
    {0x202A, 0x202E, replacement},    /* directions */
    {0x2060, 0x206F, replacement},    /* more of both */
    {0xFEFF, 0xFEFF, replacement},    /* byte order mark */
    {0xFFF9, 0xFFFB, replacement},    /* annotations */
    {0xFFFE, 0xFFFF, replacement},    /* no characters */
    {0xE0000, 0xE0FFF, replacement},  /* tags */
    {0xF0000, 0x10FFFF, replacement}, /* private use */
};

static uint32_t code_point(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;
    uint32_t code = length == 1 ? byte[0] : byte[0] & (0x7Fu >> length);

    for (size_t i = 1; i < length; i++)
        code = code << 6 | (byte[i] & 0x3Fu);
    return code;
}

/* What replaces the character in the page; NULL when nothing does. */
static const char *replacement_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++)
        if (code >= replacements[i].first && code <= replacements[i].last)
            return replacements[i].text;
    return NULL;
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

void html_advice(FILE *out, const char *text)
{
    char *copy = strdup(text), *rest = copy, *word;
    const char *between = "";

    while ((word = strsep(&rest, " "))) {
        bool is_option = strstr(word, "--");

        fprintf(out, is_option ? "%s<span class=\"option\">" : "%s", between);
        html_text(out, word, SIZE_MAX);
        fputs(is_option ? "</span>" : "", out);
        between = " ";
    }
    free(copy);
}

void html_address(FILE *out, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-";

    for (; *path; path++)
        fprintf(out, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
}

struct html_number html_count(int64_t count)
{
    struct html_number number = {0};

    number_write_count(number.text, count);
    return number;
}

struct html_number html_short(int64_t count)
{
    int64_t scale = count < 1000 ? 1 : count < 999500 ? 1000 : 1000000;
    double value = (double)count / (double)scale;
    struct html_number number;

    snprintf(number.text, sizeof number.text, value < 9.95 && count % scale ? "%.1f%s" : "%.0f%s", value,
             scale == 1      ? ""
             : scale == 1000 ? "k"
                             : "M");
    return number;
}

struct html_number html_bytes(int64_t bytes)
{
    struct html_number number = {0};

    number_write_bytes(number.text, bytes);
    return number;
}

struct html_number html_duration(double seconds)
{
    int whole = seconds < 3600 ? (int)(seconds + 0.5) : 3600;
    struct html_number number;

    if (seconds < 59.95)
        snprintf(number.text, sizeof number.text, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(number.text, sizeof number.text, "%d min %d s", whole / 60, whole % 60);
    else
        snprintf(number.text, sizeof number.text, "%.1f h", seconds / 3600);
    return number;
}

struct html_number html_range(double from, double below)
{
    struct html_number number;

    if (from <= 0)
        snprintf(number.text, sizeof number.text, "below %g", below);
    else if (below > 0)
        snprintf(number.text, sizeof number.text, "%g to %g", from, below);
    else
        snprintf(number.text, sizeof number.text, "%g and more", from);
    return number;
}

struct html_number html_share(int64_t part, int64_t whole)
{
    double share = whole ? 100.0 * (double)part / (double)whole : 0;
    struct html_number number;

    if (part == 0 || part == whole)
        snprintf(number.text, sizeof number.text, part && whole ? "100%%" : "0%%");
    else if (share < 0.1)
        snprintf(number.text, sizeof number.text, "under 0.1%%");
    else if (share > 99.9)
        snprintf(number.text, sizeof number.text, "over 99.9%%");
    else
        snprintf(number.text, sizeof number.text, share < 9.95 || share > 99 ? "%.1f%%" : "%.0f%%", share);
    return number;
}
