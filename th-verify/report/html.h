/* Writes foreign text into an HTML page. All such text goes through these functions. */
#ifndef TH_VERIFY_REPORT_HTML_H
#define TH_VERIFY_REPORT_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Writes text to out so that it is only text, between tags and in quoted attributes: `&`, `<`, `>` and quotes become
 * references; line breaks, tabs and line separators become spaces; other control characters, bytes that are not UTF-8,
 * and characters that are invisible or change the writing direction become U+FFFD. Writes at most max characters, then
 * an ellipsis. */
void html_text(FILE *out, const char *text, size_t max);

/* The same within <bdi>, so that its writing direction does not affect the text around it. Not for attributes. */
void html_foreign(FILE *out, const char *text, size_t max);

/* Writes a link to url with the text label; only the label when url is NULL or not an http address. */
void html_link(FILE *out, const char *url, const char *label, size_t max);

#endif
