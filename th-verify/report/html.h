/* Writes foreign text into an HTML page, and formats numbers for people. All foreign text goes through these functions.
 */
#ifndef TH_VERIFY_REPORT_HTML_H
#define TH_VERIFY_REPORT_HTML_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/number.h"

/* Writes text to out so that it is only text, between tags and in quoted attributes: `&`, `<`, `>` and quotes become
 * references; line breaks, tabs and line separators become spaces; other control characters, bytes that are not UTF-8,
 * and characters that are invisible or change the writing direction become U+FFFD. Writes at most max characters, then
 * an ellipsis. */
void html_text(FILE *out, const char *text, size_t max);

/* The same within <bdi>, so that its writing direction does not affect the text around it. Not for attributes. */
void html_foreign(FILE *out, const char *text, size_t max);

/* Writes a link to url with the text label; only the label when url is NULL or not an http address. */
void html_link(FILE *out, const char *url, const char *label, size_t max);

/* Writes one of the program's own texts. Lines do not break within its options, such as --max-size. */
void html_advice(FILE *out, const char *text);

/* Writes a path with the escapes of a URL. */
void html_address(FILE *out, const char *path);

/* A number as text: html_count(7).text lasts to the end of the expression that it stands in. */
struct html_number {
    char text[NUMBER_TEXT];
};

struct html_number html_count(int64_t count);               /* "1,234,567" */
struct html_number html_short(int64_t count);               /* "812", "1.2k", "146k", "3.4M" */
struct html_number html_bytes(int64_t bytes);               /* "870 bytes", "1.8 MB", "84.3 GB" (powers of 1000) */
struct html_number html_duration(double seconds);           /* "4.2 s", "3 min 59 s", "520.9 h" */
struct html_number html_range(double from, double below);   /* "below 1", "1 to 2", "64 and more": 0 is no edge */
struct html_number html_share(int64_t part, int64_t whole); /* "57%"; never "0%" for some nor "100%" for not all */

#endif
