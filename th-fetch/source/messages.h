/* What a command wrote to its stderr. Pure functions. */
#ifndef TH_FETCH_SOURCE_MESSAGES_H
#define TH_FETCH_SOURCE_MESSAGES_H

#include <jansson.h>
#include <stddef.h>

/* The last line of text (NULL: empty) that begins with "ERROR:", without that, or else the last line. It is made plain
 * and cut to size. "" when there is no line. */
void messages_error(const char *text, char *out, size_t size);

/* The lines of text (NULL: empty) that begin with "WARNING:", without that, made plain and cut: the first 16 of them,
 * as a new array of strings (json_decref). NULL when out of memory. */
json_t *messages_warnings(const char *text);

#endif
