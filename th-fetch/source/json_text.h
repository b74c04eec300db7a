/* Parses JSON as Python's json.dumps writes it, which is more than JSON allows. Pure. */
#ifndef TH_FETCH_SOURCE_JSON_TEXT_H
#define TH_FETCH_SOURCE_JSON_TEXT_H

#include <jansson.h>

/* The value of text (length bytes, changed), new (json_decref). Half a surrogate pair, and \u0000, become U+FFFD; NaN
 * and Infinity become 0; all numbers become reals, so that no integer is too large. NULL and why when it is not JSON
 * even so, or holds so many values that they would take more than about 100 MB. */
json_t *json_text_parse(char *text, size_t length, json_error_t *why);

#endif
