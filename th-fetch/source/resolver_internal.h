/* Shared by resolver.c (what to download) and resolver_download.c (the download of segments). */
#ifndef TH_FETCH_SOURCE_RESOLVER_INTERNAL_H
#define TH_FETCH_SOURCE_RESOLVER_INTERNAL_H

#include "th-fetch/source/command.h"
#include "th-fetch/source/resolver.h"
#include "th-fetch/source/words.h"

enum { WORDS_MAX = 64, MORE_WORDS = 16 };

struct resolver {
    bool is_command;                           /* the user's own, not the default */
    struct words user;                         /* the command, or --resolver-args */
    char *program;                             /* of the default */
    char *format;                              /* the same */
    const char *words[WORDS_MAX + MORE_WORDS]; /* without the last ones, which differ from page to page */
    size_t count;
    size_t shared, shared_count; /* those of words that a download gets, too */
    const struct fetch_settings *settings;
    const char *cookies;
};

/* Runs words, of which count are set, with the cookies, for page_url, in folder (NULL: the current one). 0
 * (command_output_clear), or -1. */
int resolver_command(const struct resolver *resolver, const char **words, size_t count, const char *page_url,
                     const char *folder, struct job *job, struct command_output *output);

#endif
