#include "th-fetch/source/license.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Whether text holds word, in upper or lower case, without a letter or digit right before or after it. */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = text; (at = strcasestr(at, word)) != NULL; at++)
        if ((at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[length]))
            return true;
    return false;
}

bool license_is_cc(const char *text)
{
    static const char *const words[] = {"creative commons", "creativecommons.org", "cc by", "cc-by", "cc_by", "cc0",
                                        "cc zero"};

    for (size_t i = 0; text && i < sizeof words / sizeof *words; i++)
        if (has_word(text, words[i]))
            return true;
    return false;
}

/* How YouTube's pages name the one Creative Commons licence that YouTube offers, CC BY 3.0 (the data set's README names
 * the version). */
static const char youtube_license[] = "Creative Commons Attribution license (reuse allowed)";

void license_version(const char *text, char version[LICENSE_VERSION_BYTES])
{
    snprintf(version, LICENSE_VERSION_BYTES, "%s", strcmp(text, youtube_license) == 0 ? "3.0" : "");
    for (const char *at = text; *at; at++) {
        bool is_start = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '.');
        if (!is_start || !isdigit((unsigned char)at[0]) || at[1] != '.' || !isdigit((unsigned char)at[2]))
            continue;
        if (isalnum((unsigned char)at[3]) || (at[3] == '.' && isdigit((unsigned char)at[4])))
            continue;
        snprintf(version, LICENSE_VERSION_BYTES, "%.3s", at);
        return;
    }
}
