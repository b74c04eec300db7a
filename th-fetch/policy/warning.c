#include "th-fetch/policy/warning.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define UPDATE "\"sh common/install-yt-dlp.sh --update\""

static const char no_runtime[] = "yt-dlp has no JavaScript runtime; " UPDATE " brings one";
static const char no_scripts[] =
    "yt-dlp has no scripts (yt-dlp-ejs) that solve YouTube's challenges; " UPDATE " brings them";
static const char unsolved[] = "yt-dlp did not solve YouTube's challenge; " UPDATE " brings the newest one";
static const char no_addresses[] = "YouTube gave this session formats without addresses (SABR); try again later, or "
                                   "with other --extractor-args in --resolver-args";
static const char wants_token[] = "YouTube wants a PO token for its formats; see the PO Token Guide of yt-dlp";
static const char skipped[] = "yt-dlp skipped formats";

/* Warnings of yt-dlp, from 2023 to 2026. The first phrase found counts. The causes come first, then what they lead to.
 */
static const struct warning table[] = {
    {"cookies are no longer valid", "the cookies are no longer valid; export the cookies again", POLICY_GIVE_UP, true},
    {"javascript runtime could be found", no_runtime, POLICY_GIVE_UP, false},
    {"required to solve js challenges", no_scripts, POLICY_GIVE_UP, false},
    {"load challenge solver", no_scripts, POLICY_GIVE_UP, false},
    {"read builtin challenge solver", no_scripts, POLICY_GIVE_UP, false},
    {"mismatch on challenge solver", no_scripts, POLICY_GIVE_UP, false},
    {"challenge solver lib script version", no_scripts, POLICY_GIVE_UP, false},
    {"challenge solver core script version", no_scripts, POLICY_GIVE_UP, false},
    {"challenge solving failed", unsolved, POLICY_RETRY_ONCE, false},
    {"signature solving failed", unsolved, POLICY_RETRY_ONCE, false},
    {"challenge request", unsolved, POLICY_RETRY_ONCE, false},
    {"nsig extraction failed", unsolved, POLICY_RETRY_ONCE, false},
    {"signature extraction failed", unsolved, POLICY_RETRY_ONCE, false},
    {"missing a url", no_addresses, POLICY_RETRY_ONCE, false},
    {"sabr", no_addresses, POLICY_RETRY_ONCE, false},
    {"gvs po token", wants_token, POLICY_RETRY_ONCE, false},
    {"player po token", wants_token, POLICY_RETRY_ONCE, false},
    {"formats require a po token", wants_token, POLICY_RETRY_ONCE, false},
    {"formats have been skipped", skipped, POLICY_RETRY_ONCE, false},
    {"formats will be skipped", skipped, POLICY_RETRY_ONCE, false},
    {"skipping player responses", skipped, POLICY_RETRY_ONCE, false},
    {"formats may be missing", skipped, POLICY_RETRY_ONCE, false},
    {"only images are available", skipped, POLICY_RETRY_ONCE, false},
};

const struct warning *warning_find(const char *text)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcasestr(text, table[i].phrase))
            return &table[i];
    return NULL;
}

const struct warning *warning_first(const struct warning *one, const struct warning *other)
{
    return !one || (other && other < one) ? other : one;
}

void warning_explain(const struct warning *warning, struct verdict *verdict)
{
    struct error error = verdict->error;

    if (!warning || verdict->kind == POLICY_GOOD || (error.word != ERROR_NO_FORMAT && !warning->ends_run))
        return;
    verdict->kind = warning->kind;
    error_set(&verdict->error, ERROR_RESOLVER, "%s (%s)", warning->cause, error.message);
}

static bool is_of_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '-';
}

void warning_clean(char *out, size_t size, const char *text, const char *id)
{
    size_t length = 0, id_length = strlen(id);
    bool in_word = false;

    text = policy_without_id(text);
    while (*text && length + 1 < size) {
        bool is_id = !in_word && strncmp(text, id, id_length) == 0 && !is_of_word(text[id_length]);

        if (is_id)
            text += id_length;
        in_word = is_of_word(*text);
        if (*text)
            out[length++] = *text++;
    }
    out[length] = '\0';
}

void warning_generalize(char *text)
{
    char *to = text;

    for (const char *at = text; *at; at++) {
        bool is_number = isdigit((unsigned char)*at);

        if (!is_number || to == text || to[-1] != '0')
            *to++ = is_number ? '0' : *at;
    }
    *to = '\0';
}
