#include "th-fetch/policy/policy.h"

#include <curl/curl.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

struct curl_rule {
    CURLcode code;
    enum error_word word;
    enum policy_kind kind;
};

/* Codes that are not listed: network, retry. */
static const struct curl_rule curl_rules[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, ERROR_FORBIDDEN,
     POLICY_GIVE_UP}, /* also a redirect to another protocol than http(s) */
    {CURLE_URL_MALFORMAT, ERROR_NO_FORMAT, POLICY_GIVE_UP},
    {CURLE_FILE_COULDNT_READ_FILE, ERROR_IO, POLICY_GIVE_UP},
    {CURLE_REMOTE_ACCESS_DENIED, ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {CURLE_OPERATION_TIMEDOUT, ERROR_TIMEOUT, POLICY_RETRY},
    {CURLE_TOO_MANY_REDIRECTS, ERROR_SERVER, POLICY_GIVE_UP},
    {CURLE_WEIRD_SERVER_REPLY, ERROR_SERVER, POLICY_RETRY},
    {CURLE_PEER_FAILED_VERIFICATION, ERROR_NETWORK, POLICY_GIVE_UP},
    {CURLE_SSL_CACERT_BADFILE, ERROR_IO, POLICY_GIVE_UP},
    {(CURLcode)100, ERROR_SERVER, POLICY_RETRY_ONCE},       /* CURLE_TOO_LARGE of libcurl 8.6: a header line */
    {CURLE_OUT_OF_MEMORY, ERROR_SERVER, POLICY_RETRY_ONCE}, /* mostly a header line of more than 100 kB */
};

/* libcurl says CURLE_UNSUPPORTED_PROTOCOL also of an answer that does not begin with "HTTP/", in these words. */
static const char not_http[] = "HTTP/0.9";

struct status_rule {
    long first, last; /* HTTP statuses, both included */
    enum error_word word;
    enum policy_kind kind;
    bool may_be_expired; /* when the URL came from the resolver */
};

/* The first rule that contains the status counts. */
static const struct status_rule status_rules[] = {
    {401, 401, ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP, true}, {403, 403, ERROR_FORBIDDEN, POLICY_GIVE_UP, true},
    {404, 404, ERROR_GONE, POLICY_GIVE_UP, true},           {408, 408, ERROR_TIMEOUT, POLICY_RETRY, false},
    {410, 410, ERROR_GONE, POLICY_GIVE_UP, true},           {416, 416, ERROR_SERVER, POLICY_RETRY_ONCE, false},
    {425, 425, ERROR_SERVER, POLICY_RETRY, false},          {429, 429, ERROR_RATE_LIMITED, POLICY_PAUSE, false},
    {400, 499, ERROR_FORBIDDEN, POLICY_GIVE_UP, false},     {501, 501, ERROR_SERVER, POLICY_GIVE_UP, false},
    {505, 505, ERROR_SERVER, POLICY_GIVE_UP, false},        {500, 599, ERROR_SERVER, POLICY_RETRY, false},
    {0, 999, ERROR_SERVER, POLICY_GIVE_UP, false},
};

struct phrase_rule {
    const char *phrase; /* anywhere in the message, in upper or lower case */
    enum error_word word;
    enum policy_kind kind;
};

/* Messages of yt-dlp and of the sites behind it. The first phrase found counts, so special ones stand before general
 * ones. Phrases end before an apostrophe, because sites write it in two ways. */
static const struct phrase_rule phrase_rules[] = {
    {"unsupported url", ERROR_NO_FORMAT, POLICY_GIVE_UP},
    {"is not a valid url", ERROR_NO_FORMAT, POLICY_GIVE_UP},
    {"not a bot", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"rate-limited", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"rate limit", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"available, try again later", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"http error 429", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"too many requests", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"captcha", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"being blocked by youtube", ERROR_RATE_LIMITED, POLICY_PAUSE},
    {"api page: http error 403", ERROR_RATE_LIMITED, POLICY_PAUSE}, /* YouTube, to an address that it blocks */
    {"http error 402", ERROR_RATE_LIMITED, POLICY_PAUSE},           /* also YouTube, to an address that it blocks */
    {"network administrator", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    /* About the session or the program that asks; the video itself may be fine. */
    {"available on this app", ERROR_RESOLVER, POLICY_RETRY_ONCE},
    {"playback on other websites", ERROR_RESOLVER, POLICY_RETRY_ONCE},
    {"this content isn", ERROR_RESOLVER, POLICY_RETRY_ONCE},
    {"try again later", ERROR_RESOLVER, POLICY_RETRY_ONCE},
    {"error code:", ERROR_RESOLVER, POLICY_RETRY_ONCE},
    {"private video", ERROR_GONE, POLICY_GIVE_UP},
    {"video is private", ERROR_GONE, POLICY_GIVE_UP},
    {"has been terminated", ERROR_GONE, POLICY_GIVE_UP},
    {"account associated with this video", ERROR_GONE, POLICY_GIVE_UP},
    {"account has been closed", ERROR_GONE, POLICY_GIVE_UP},
    {"members-only", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"members only", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"join this channel", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"available to this channel", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"requires payment", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"only available to music premium", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"confirm your age", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"age-restricted", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"age restricted", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"inappropriate for some users", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"viewer discretion", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"in your country", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"geo restrict", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"geo-restrict", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"geographic restriction", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"in your region", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"in your location", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"from your location", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"premieres in", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"premiere will begin", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"live event will begin", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"live stream recording is not available", ERROR_GONE, POLICY_GIVE_UP},
    {"live event has ended", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"currently live", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"is offline", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"still being processed", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"processing this video", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"check back later", ERROR_RESOLVER, POLICY_GIVE_UP},
    {"file too large", ERROR_NO_FORMAT, POLICY_GIVE_UP}, /* more than --max-filesize, which is the process's limit */
    {"drm protect", ERROR_NO_FORMAT, POLICY_GIVE_UP},
    {"requested format is not available", ERROR_NO_FORMAT, POLICY_GIVE_UP},
    {"no video formats found", ERROR_NO_FORMAT, POLICY_GIVE_UP},
    {"incomplete youtube id", ERROR_GONE, POLICY_GIVE_UP},
    {"has been removed", ERROR_GONE, POLICY_GIVE_UP},
    {"been deleted", ERROR_GONE, POLICY_GIVE_UP},
    {"no longer available", ERROR_GONE, POLICY_GIVE_UP},
    {"does not exist", ERROR_GONE, POLICY_GIVE_UP},
    {"http error 404", ERROR_GONE, POLICY_GIVE_UP},
    {"http error 410", ERROR_GONE, POLICY_GIVE_UP},
    {"http error 401", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"http error 403", ERROR_FORBIDDEN, POLICY_GIVE_UP},
    {"http error 5", ERROR_SERVER, POLICY_RETRY},
    {"timed out", ERROR_TIMEOUT, POLICY_RETRY},
    {"urlopen error", ERROR_NETWORK, POLICY_RETRY},
    {"unable to connect", ERROR_NETWORK, POLICY_RETRY},
    {"connection re", ERROR_NETWORK, POLICY_RETRY}, /* refused, reset */
    {"connection aborted", ERROR_NETWORK, POLICY_RETRY},
    {"remote end closed", ERROR_NETWORK, POLICY_RETRY},
    {"name resolution", ERROR_NETWORK, POLICY_RETRY},
    {"name or service not known", ERROR_NETWORK, POLICY_RETRY},
    {"network is unreachable", ERROR_NETWORK, POLICY_RETRY},
    {"unable to download", ERROR_NETWORK, POLICY_RETRY},
    {"login required", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"sign in", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"logged in", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"log in", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"registered users", ERROR_LOGIN_REQUIRED, POLICY_GIVE_UP},
    {"video unavailable", ERROR_GONE, POLICY_GIVE_UP},
    {"is unavailable", ERROR_GONE, POLICY_GIVE_UP},
    {"is not available", ERROR_GONE, POLICY_GIVE_UP},
};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static bool is_http_failure(const struct transfer_outcome *outcome)
{
    return outcome->curl_code == CURLE_HTTP_RETURNED_ERROR;
}

static void judge_status(const struct transfer_outcome *outcome, bool resolved, struct verdict *verdict)
{
    for (size_t i = 0; i < COUNT_OF(status_rules); i++) {
        const struct status_rule *rule = &status_rules[i];
        if (outcome->status < rule->first || outcome->status > rule->last)
            continue;
        verdict->kind = resolved && rule->may_be_expired ? POLICY_EXPIRED : rule->kind;
        verdict->after = outcome->retry_after > 0 ? outcome->retry_after : 0;
        /* A server that says when to come back means all that comes. */
        if (verdict->after > 0 && (rule->kind == POLICY_RETRY || rule->kind == POLICY_RETRY_ONCE))
            verdict->kind = POLICY_PAUSE;
        error_set(&verdict->error, rule->word, "the server answered with status %ld", outcome->status);
        return;
    }
    verdict->kind = POLICY_GIVE_UP;
    error_set(&verdict->error, ERROR_SERVER, "the server answered with status %ld, which is none", outcome->status);
}

static void judge_curl(const struct transfer_outcome *outcome, struct verdict *verdict)
{
    enum error_word word = ERROR_NETWORK;
    verdict->kind = POLICY_RETRY;
    for (size_t i = 0; i < COUNT_OF(curl_rules); i++) {
        if ((int)curl_rules[i].code == outcome->curl_code) {
            word = curl_rules[i].word;
            verdict->kind = curl_rules[i].kind;
        }
    }
    if (strstr(outcome->detail, not_http)) {
        word = ERROR_SERVER;
        verdict->kind = POLICY_RETRY;
    }
    if (outcome->curl_code == CURLE_OUT_OF_MEMORY)
        error_set(&verdict->error, word, "a header of the server is too long, or memory ran out");
    else
        error_set(&verdict->error, word, "%s",
                  outcome->detail[0] ? outcome->detail : curl_easy_strerror((CURLcode)outcome->curl_code));
}

void policy_transfer(const struct transfer_outcome *outcome, bool resolved, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = POLICY_GOOD};
    if (outcome->local.word != ERROR_NONE)
        policy_local(&outcome->local, verdict);
    else if (is_http_failure(outcome))
        judge_status(outcome, resolved, verdict);
    else if (outcome->curl_code != CURLE_OK)
        judge_curl(outcome, verdict);
}

const char *policy_without_id(const char *said)
{
    const char *bracket = said[0] == '[' ? strchr(said, ']') : NULL;
    const char *colon = bracket ? strstr(bracket, ": ") : NULL;

    return colon && colon == bracket + 2 + strcspn(bracket + 2, " :") ? colon + 2 : said;
}

/* Copies said without its URLs, which may contain any phrase. to has room for all of said. */
static void copy_words(char *to, const char *said)
{
    while (*said) {
        if (strncasecmp(said, "http://", 7) == 0 || strncasecmp(said, "https://", 8) == 0)
            said += strcspn(said, " ");
        else
            *to++ = *said++;
    }
    *to = '\0';
}

/* Judges a resolver that exited with a status other than 0 by its message. */
static void judge_words(const struct resolver_outcome *outcome, struct verdict *verdict)
{
    char words[sizeof outcome->said];

    copy_words(words, policy_without_id(outcome->said));
    for (size_t i = 0; i < COUNT_OF(phrase_rules); i++) {
        if (strcasestr(words, phrase_rules[i].phrase)) {
            verdict->kind = phrase_rules[i].kind;
            error_set(&verdict->error, phrase_rules[i].word, "the resolver says: %s", outcome->said);
            return;
        }
    }
    verdict->kind = POLICY_RETRY_ONCE;
    if (outcome->said[0])
        error_set(&verdict->error, ERROR_RESOLVER, "the resolver says: %s", outcome->said);
    else
        error_set(&verdict->error, ERROR_RESOLVER, "the resolver exited with status %d and said nothing",
                  outcome->exit_status);
}

void policy_resolver(const struct resolver_outcome *outcome, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = POLICY_RETRY_ONCE};
    if (outcome->hung)
        error_set(&verdict->error, ERROR_RESOLVER, "the resolver did not end in time and was killed");
    else if (outcome->endless)
        error_set(&verdict->error, ERROR_RESOLVER, "the resolver printed more than an answer can be and was killed");
    else if (outcome->signal != 0)
        error_set(&verdict->error, ERROR_RESOLVER, "the resolver was killed by signal %d (%s)", outcome->signal,
                  strsignal(outcome->signal));
    else if (outcome->exit_status != 0)
        judge_words(outcome, verdict);
    else if (outcome->no_json)
        error_set(&verdict->error, ERROR_RESOLVER, "the resolver printed no JSON object: %s", outcome->said);
    else
        verdict->kind = POLICY_GOOD;
}

void policy_local(const struct error *error, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = POLICY_GOOD, .error = *error};
    switch (error->word) {
    case ERROR_NONE:
        break;
    case ERROR_BAD_MEDIA:
        verdict->kind = POLICY_RETRY_ONCE;
        break;
    case ERROR_SERVER:
    case ERROR_NETWORK:
        verdict->kind = POLICY_RETRY;
        break;
    default:
        verdict->kind = POLICY_GIVE_UP;
    }
}

bool policy_again(const struct verdict *verdict, const struct policy_limits *limits, int tries, bool resolved_again)
{
    switch (verdict->kind) {
    case POLICY_RETRY:
    case POLICY_PAUSE:
        return tries < limits->retries;
    case POLICY_RETRY_ONCE:
        return tries < 1 && tries < limits->retries;
    case POLICY_EXPIRED:
        return !resolved_again;
    default:
        return false;
    }
}

double policy_delay(const struct policy_limits *limits, int tries, double random)
{
    double delay = fmin(ldexp(limits->delay, tries), POLICY_DELAY_MAX);

    return delay * (0.5 + random / 2);
}

double policy_wait(double available_at, double unix_now)
{
    return fmin(fmax(available_at - unix_now, 0), POLICY_WAIT_MAX);
}
