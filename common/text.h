/* UTF-8 checks, and cleaning of text from outside for messages and records. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The length in bytes of the UTF-8 character at the start of text (1 to 4; NUL is one byte), 0 when it is not
 * well-formed (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). text is NUL-ended. */
size_t text_character(const char *text);

/* True when all of text is UTF-8. */
bool text_is_utf8(const char *text);

/* True when text holds no C0 control character and no DEL: it can be one line of a header, or one name. */
bool text_is_one_line(const char *text);

/* True when text begins as HTML or XML does, after white space and a byte order mark: "<!", "<?" or "<html". A server
 * that has no list answers with such a page. */
bool text_is_web_page(const char *text);

/* Replaces, in place, each control character (C0, DEL, C1) and each byte that is not UTF-8 by `?`; drops a character
 * that is cut off at the end. */
void text_make_plain(char *text);

#endif
