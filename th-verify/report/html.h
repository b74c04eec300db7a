/* Text that is not the program's own, made part of an HTML page: the one place where that is done. */
#ifndef TH_VERIFY_REPORT_HTML_H
#define TH_VERIFY_REPORT_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Writes text to out so that it is nothing but text, between tags and within quoted attributes: `&`, `<`, `>` and
 * quotes become references; line breaks, tabs and line separators spaces; other control characters, bytes that are not
 * UTF-8, and characters that cannot be seen or that turn the direction of writing become U+FFFD. After max characters
 * the rest is left out, and `...` says so. */
void html_text(FILE *out, const char *text, size_t max);

/* The same within <bdi>, so that text of any direction leaves what is around it in its place. Not for attributes. */
void html_foreign(FILE *out, const char *text, size_t max);

/* Writes a link whose text is label to a page of the web; only the label when url is NULL or no http address. */
void html_link(FILE *out, const char *url, const char *label, size_t max);

#endif
