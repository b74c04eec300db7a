/* Splits a command into words, as a shell does with quotes, but without a shell. Pure. */
#ifndef TH_FETCH_SOURCE_WORDS_H
#define TH_FETCH_SOURCE_WORDS_H

#include <stddef.h>

#include "common/error.h"

/* The words of a text. Zeroed it has none. */
struct words {
    char *memory;
    const char **list; /* ended by NULL */
    size_t count;
};

/* Splits text at white space. '...' keeps all that is within, "..." all but \" and \\, and \ keeps the next character.
 * Nothing is expanded. 0 and *words (words_clear), or -1 and error (bad_id when a quote is not closed, io); then words
 * has none. */
int words_split(struct words *words, const char *text, struct error *error);

/* Frees the words and makes it empty. */
void words_clear(struct words *words);

#endif
