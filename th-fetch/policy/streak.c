#include "th-fetch/policy/streak.h"

#include <stdio.h>
#include <string.h>

/* Videos whose failures must be equal. A false alarm costs a rerun, a missed one condemns videos.
 *
 * A third of the videos of the lists are gone, and about half of those with the same words. Twenty such answers in a
 * row, in a list of 2,872, have a chance of 2872 / 6^20, and in a rerun of only the videos that are gone, of 1 in
 * 2,000. Media that are refused although their page offers them, twice with a fresh address, are rare: five in a row
 * are not five videos' fault. */
enum { PAGES_MAX = 20, RESOLVER_MAX = 10, MEDIA_MAX = 5, CONNECTION_MAX = 5 };

struct streak_rule {
    enum error_word word;
    int limit; /* videos; for connections also requests */
    enum streak_result result;
    enum error_word blame;
    enum {
        IS_CONNECTION = 1, /* each request counts, whatever the words of its error */
        IS_UNSERVED = 2,   /* only as long as nothing has been served: an archive may lack videos */
        ENDS_IN_BLAME = 4  /* also below the limit, when nothing has been served */
    } flags;
    const char *before, *after; /* of the message of the blame, around the number of videos, or of requests */
    const char *advice;
};

#define RESOLVER_SAID "the resolver failed for", "videos in a row in the same way, and is asked no more"
#define RESOLVER_ADVICE                                                                                                \
    "update the resolver (sh common/install-yt-dlp.sh --update), see whether a video plays in a browser, and run "     \
    "again"
#define REFUSED "the server refused", "videos in a row in the same way, and gave none"
#define NO_CONNECTION "no connection:", "requests in a row failed, and no more are sent"
#define CONNECTION_ADVICE "check the network, the name server and the proxy, and run again"

static const struct streak_rule pages[] = {
    {ERROR_GONE, PAGES_MAX, STREAK_STOP, ERROR_RESOLVER, 0, RESOLVER_SAID, RESOLVER_ADVICE},
    {ERROR_LOGIN_REQUIRED, PAGES_MAX, STREAK_STOP, ERROR_RESOLVER, 0, RESOLVER_SAID, RESOLVER_ADVICE},
    {ERROR_FORBIDDEN, PAGES_MAX, STREAK_STOP, ERROR_RESOLVER, 0, RESOLVER_SAID, RESOLVER_ADVICE},
    {ERROR_NO_FORMAT, PAGES_MAX, STREAK_STOP, ERROR_RESOLVER, 0, RESOLVER_SAID, RESOLVER_ADVICE},
    {ERROR_RESOLVER, RESOLVER_MAX, STREAK_STOP, ERROR_RESOLVER, 0, RESOLVER_SAID, RESOLVER_ADVICE},
    {ERROR_NETWORK, CONNECTION_MAX, STREAK_STOP, ERROR_NETWORK, IS_CONNECTION, NO_CONNECTION, CONNECTION_ADVICE},
    {ERROR_TIMEOUT, CONNECTION_MAX, STREAK_STOP, ERROR_TIMEOUT, IS_CONNECTION, NO_CONNECTION, CONNECTION_ADVICE},
    {0},
};
static const struct streak_rule media[] = {
    {ERROR_FORBIDDEN, MEDIA_MAX, STREAK_PAUSE, ERROR_RATE_LIMITED, ENDS_IN_BLAME, REFUSED, NULL},
    {ERROR_LOGIN_REQUIRED, MEDIA_MAX, STREAK_PAUSE, ERROR_RATE_LIMITED, ENDS_IN_BLAME, REFUSED, NULL},
    {ERROR_GONE, MEDIA_MAX, STREAK_PAUSE, ERROR_RATE_LIMITED, 0, REFUSED, NULL},
    {ERROR_NETWORK, CONNECTION_MAX, STREAK_STOP, ERROR_NETWORK, IS_CONNECTION, NO_CONNECTION, CONNECTION_ADVICE},
    {ERROR_TIMEOUT, CONNECTION_MAX, STREAK_STOP, ERROR_TIMEOUT, IS_CONNECTION, NO_CONNECTION, CONNECTION_ADVICE},
    {0},
};
static const struct streak_rule archive[] = {
    {ERROR_FORBIDDEN, MEDIA_MAX, STREAK_PAUSE, ERROR_RATE_LIMITED, IS_UNSERVED, REFUSED, NULL},
    {ERROR_LOGIN_REQUIRED, MEDIA_MAX, STREAK_PAUSE, ERROR_RATE_LIMITED, IS_UNSERVED, REFUSED, NULL},
    {ERROR_GONE, PAGES_MAX, STREAK_MARK, ERROR_SERVER, IS_UNSERVED, REFUSED,
     "check the URL: nothing has been found under it so far"},
    {ERROR_NETWORK, CONNECTION_MAX, STREAK_STOP, ERROR_NETWORK, IS_CONNECTION, NO_CONNECTION, CONNECTION_ADVICE},
    {ERROR_TIMEOUT, CONNECTION_MAX, STREAK_STOP, ERROR_TIMEOUT, IS_CONNECTION, NO_CONNECTION, CONNECTION_ADVICE},
    {0},
};
static const struct streak_rule *const tables[STREAK_SOURCES] = {
    [STREAK_PAGES] = pages, [STREAK_MEDIA] = media, [STREAK_ARCHIVE] = archive};

static const struct streak_rule *find_rule(const struct streak *streak, enum error_word word)
{
    for (const struct streak_rule *rule = tables[streak->source]; rule->word != ERROR_NONE; rule++)
        if (rule->word == word && !(streak->has_served && (rule->flags & IS_UNSERVED)))
            return rule;
    return NULL;
}

/* Copies the words of message except ids, URLs, and what contains a digit: times, addresses, numbers of errors. */
static void copy_common_words(char *to, size_t size, const char *message, const char *id)
{
    static const char marks[] = "[](){}<>'\",;:.!?";
    size_t used = 0;

    to[0] = '\0';
    while (*message) {
        size_t length = strcspn(message, " ");
        size_t before = strspn(message, marks), after = length;
        while (after > before && strchr(marks, message[after - 1]))
            after--;
        bool differs =
            (after >= before && after - before == strlen(id) && memcmp(message + before, id, after - before) == 0) ||
            memmem(message, length, "://", 3) || strcspn(message, "0123456789") < length;
        if (!differs && used + length + 2 <= size)
            used += (size_t)snprintf(to + used, size - used, "%.*s ", (int)length, message);
        message += length + (message[length] == ' ');
    }
}

/* The host of a URL, with its port; "" when it is not of interest: the media of one site come from many hosts. */
static void copy_host(char *to, size_t size, const struct streak *streak, const char *url)
{
    const char *start = strstr(url, "://");

    to[0] = '\0';
    if (start && streak->source != STREAK_MEDIA)
        snprintf(to, size, "%.*s", (int)strcspn(start + 3, "/?#"), start + 3);
}

void streak_init(struct streak *streak, enum streak_source source, double patience)
{
    *streak = (struct streak){.source = source, .patience = patience};
}

void streak_served(struct streak *streak)
{
    streak->has_served = true;
    streak->rule = NULL;
}

bool streak_counts(const struct streak *streak, enum error_word word)
{
    return find_rule(streak, word);
}

bool streak_continues(const struct streak *streak, const struct streak_failure *failure)
{
    const struct streak_rule *rule = find_rule(streak, failure->error->word);
    char host[sizeof streak->host], words[sizeof streak->words];

    if (!rule || !(failure->is_last || (rule->flags & IS_CONNECTION)))
        return true; /* tells nothing */
    if (!streak->rule || (rule != streak->rule && !(rule->flags & streak->rule->flags & IS_CONNECTION)))
        return false;
    copy_host(host, sizeof host, streak, failure->url);
    copy_common_words(words, sizeof words, failure->error->message, failure->id);
    return strcmp(host, streak->host) == 0 && ((rule->flags & IS_CONNECTION) || strcmp(words, streak->words) == 0);
}

static void begin(struct streak *streak, const struct streak_rule *rule, const struct streak_failure *failure)
{
    streak->rule = rule;
    streak->requests = streak->videos = 0;
    streak->is_several = false;
    streak->since = failure->start;
    snprintf(streak->id, sizeof streak->id, "%s", failure->id);
    copy_host(streak->host, sizeof streak->host, streak, failure->url);
    copy_common_words(streak->words, sizeof streak->words, failure->error->message, failure->id);
}

/* Connections also need some time: a retry a little later may find the network again. */
static bool is_at_limit(const struct streak *streak, double now)
{
    if (streak->videos >= streak->rule->limit)
        return true;
    return (streak->rule->flags & IS_CONNECTION) && streak->is_several && streak->requests >= streak->rule->limit &&
           now - streak->since >= streak->patience;
}

enum streak_result streak_add(struct streak *streak, const struct streak_failure *failure, double now)
{
    const struct streak_rule *rule = find_rule(streak, failure->error->word);

    if (!rule || !(failure->is_last || (rule->flags & IS_CONNECTION)))
        return STREAK_NONE;
    if (!streak_continues(streak, failure))
        begin(streak, rule, failure);
    streak->rule = rule;
    streak->requests++;
    streak->videos += failure->is_last;
    streak->is_several = streak->is_several || strcmp(streak->id, failure->id) != 0;
    if (is_at_limit(streak, now))
        return rule->result;
    return error_word_class(rule->word) == ERROR_CLASS_PERMANENT ? STREAK_HOLD : STREAK_NONE;
}

bool streak_ends_in_blame(const struct streak *streak)
{
    return streak->rule && !streak->has_served && (streak->rule->flags & ENDS_IN_BLAME);
}

bool streak_is_blamed(const struct streak *streak)
{
    return streak->rule && streak->videos >= streak->rule->limit;
}

void streak_blame(const struct streak *streak, const struct error *last, struct error *blame)
{
    const struct streak_rule *rule = streak->rule;
    int count = rule->flags & IS_CONNECTION ? streak->requests : rule->limit;

    error_set(blame, rule->blame, "%s %d %s; the last time: %s", rule->before, count, rule->after, last->message);
}

const char *streak_advice(const struct streak *streak)
{
    return streak->rule->advice;
}
