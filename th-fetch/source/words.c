#include "th-fetch/source/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char spaces[] = " \t\r\n";

/* Copies one word, which begins at *at, to *to and ends it. *at becomes the character after the word. 0, or -1 when a
 * quote is not closed. */
static int copy_word(const char **at, char **to)
{
    char quote = '\0';

    for (; **at && (quote || !strchr(spaces, **at)); (*at)++) {
        bool escapes = **at == '\\' && quote != '\'' && (!quote || (*at)[1] == '"' || (*at)[1] == '\\');

        if (escapes && !(*at)[1])
            return -1;
        if (escapes)
            *(*to)++ = *++*at;
        else if (quote && **at == quote)
            quote = '\0';
        else if (!quote && (**at == '\'' || **at == '"'))
            quote = **at;
        else
            *(*to)++ = **at;
    }
    *(*to)++ = '\0';
    return quote ? -1 : 0;
}

int words_split(struct words *words, const char *text, struct error *error)
{
    size_t length = strlen(text);

    /* Each word but the last is followed by white space, so there are at most (length + 1) / 2. */
    *words = (struct words){.memory = malloc(length + 2), .list = calloc(length / 2 + 2, sizeof *words->list)};
    if (!words->memory || !words->list) {
        words_clear(words);
        return error_set(error, ERROR_IO, "out of memory");
    }
    char *to = words->memory;

    for (const char *at = text + strspn(text, spaces); *at; at += strspn(at, spaces)) {
        words->list[words->count++] = to;
        if (copy_word(&at, &to) < 0) {
            words_clear(words);
            return error_set(error, ERROR_BAD_ID, "a quote is not closed in: %.200s", text);
        }
    }
    return 0;
}

void words_clear(struct words *words)
{
    free(words->memory);
    free(words->list);
    *words = (struct words){0};
}
