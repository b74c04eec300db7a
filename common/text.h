/* Foreign text made fit for messages and records. */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the UTF-8 character that text begins with (1 to 4; NUL is one byte), 0 when text does not begin with a
 * well-formed one (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). text is NUL-ended. */
size_t text_character(const char *text);

/* True when all of text is UTF-8. */
bool text_is_utf8(const char *text);

/* True when text holds no C0 control character and no DEL: it can be one line of a header, or one name. */
bool text_is_one_line(const char *text);

/* Makes text one plain line, in place: each control character (C0, DEL, C1) and each byte that is not UTF-8 becomes
 * `?`; a character cut off at the end is dropped. */
void text_make_plain(char *text);

#endif
