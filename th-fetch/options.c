#include "th-fetch/options.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>

#include "th-fetch/input.h"
#include "th-fetch/policy/height.h"
#include "th-fetch/selection.h"
#include "th-fetch/source/words.h"

#define SETTING(member) offsetof(struct fetch_settings, member)

static const char *const licenses[] = {[LICENSE_CC] = "cc", [LICENSE_ANY] = "any", NULL};

static const struct option_spec specs[] = {
    {"url-template", 0, OPTION_TEXT, SETTING(url_template), "URL",
     "download URL, with {id} replaced by the video's id, and ask no resolver", 0, 0, NULL},
    {"resolver", 0, OPTION_TEXT, SETTING(resolver), "COMMAND",
     "ask COMMAND what to download for a page (default: yt-dlp)", 0, 0, NULL},
    {"resolver-args", 0, OPTION_TEXT, SETTING(resolver_args), "WORDS",
     "give WORDS to yt-dlp, too (such as '--js-runtimes node')", 0, 0, NULL},
    {"resolver-timeout", 0, OPTION_REAL, SETTING(resolver_timeout), "SECONDS",
     "kill a resolver that takes longer (default 120)", 0.1, 86400, NULL},
    {"cookies", 0, OPTION_TEXT, SETTING(cookies), "FILE", "send the cookies in FILE (Netscape's format)", 0, 0, NULL},
    {"proxy", 0, OPTION_TEXT, SETTING(proxy), "URL", "go through the proxy at URL", 0, 0, NULL},
    {"ipv4", '4', OPTION_FLAG, SETTING(ipv4), NULL, "connect to IPv4 addresses only", 0, 0, NULL},
    {"ipv6", '6', OPTION_FLAG, SETTING(ipv6), NULL, "connect to IPv6 addresses only", 0, 0, NULL},
    {"source-address", 0, OPTION_TEXT, SETTING(source_address), "ADDRESS",
     "connect from ADDRESS, one of this machine's IP addresses", 0, 0, NULL},
    {"limit-rate", 0, OPTION_BYTES, SETTING(limit_rate), "SIZE",
     "download at most SIZE bytes a second in all (K, M, G; default 0: no limit)", 0, 9e18, NULL},
    {"connect-timeout", 0, OPTION_REAL, SETTING(connect_timeout), "SECONDS",
     "fail when no connection is made within SECONDS (default 30)", 0.1, 3600, NULL},
    {"low-speed-time", 0, OPTION_REAL, SETTING(low_speed_time), "SECONDS",
     "fail when a transfer stalls for SECONDS (default 60; 0: never)", 0, 86400, NULL},
    {"max-time", 0, OPTION_REAL, SETTING(max_time), "SECONDS",
     "fail when one download takes longer than SECONDS (default 86400; 0: never)", 0, 9e8, NULL},
    {"retries", 0, OPTION_COUNT, SETTING(retries), "N", "try a video N times again (default 5)", 0, 1000, NULL},
    {"retry-delay", 0, OPTION_REAL, SETTING(retry_delay), "SECONDS",
     "wait about SECONDS before the first retry, twice as long before each next (default 2)", 0, 3600, NULL},
    {"sleep-interval", 0, OPTION_REAL, SETTING(sleep_interval), "SECONDS",
     "start videos at least SECONDS apart (default: 12 for pages of YouTube, at most 2 at a time; else 0)", 0, 86400,
     NULL},
    {"max-sleep-interval", 0, OPTION_REAL, SETTING(max_sleep_interval), "SECONDS",
     "with --sleep-interval: a random time between the two", 0, 86400, NULL},
    {"parallel-runs", 0, OPTION_COUNT, SETTING(parallel_runs), "N",
     "N runs ask from one address at a time: start videos N times as far apart (default 1)", 1, 1000000, NULL},
    {"pause", 0, OPTION_REAL, SETTING(pause), "SECONDS",
     "when the source wants fewer requests and names no time, pause all for SECONDS, then twice as long (default 60)",
     0, 86400, NULL},
    {"max-pauses", 0, OPTION_COUNT, SETTING(max_pauses), "N",
     "stop asking the source after N pauses without a download between them (default 5)", 0, 1000, NULL},
    {"tubes", 't', OPTION_TEXT, SETTING(tubes), "FILE", "skip videos that have no tube in the tube list FILE", 0, 0,
     NULL},
    {"needed", 0, OPTION_FLAG, SETTING(needed), NULL,
     "with -t: download only the parts of each video that its tubes need, where that gives the same clips", 0, 0, NULL},
    {"min-size", 0, OPTION_COUNT, SETTING(min_size), "PIXELS",
     "with -t: skip videos without a box whose shorter side has PIXELS", 0, 100000, NULL},
    {"min-frames", 0, OPTION_COUNT, SETTING(min_frames), "N", "with -t: skip videos without a tube of N frames", 0,
     INT32_MAX, NULL},
    {"heights", 0, OPTION_TEXT, SETTING(heights), "FILE",
     "tell which pictures are lower than in the tube list FILE (default: that of -t)", 0, 0, NULL},
    {"min-height", 0, OPTION_TEXT, SETTING(min_height), "PIXELS",
     "refuse lower pictures; listed: those lower than in the tube list", 0, 0, NULL},
    {"shard", 0, OPTION_TEXT, SETTING(shard), "I/N",
     "take the I-th of N shares of the ids; slurm: the share of this array task", 0, 0, NULL},
    {"max-height", 0, OPTION_COUNT, SETTING(max_height), "PIXELS", "have yt-dlp choose a format at most PIXELS high", 1,
     100000, NULL},
    {"format", 0, OPTION_TEXT, SETTING(format), "FORMAT", "have yt-dlp choose FORMAT", 0, 0, NULL},
    {"no-segmented", 0, OPTION_FLAG, SETTING(no_segmented), NULL,
     "refuse videos that yt-dlp offers only in segments (HLS, DASH)", 0, 0, NULL},
    {"license", 0, OPTION_CHOICE, SETTING(license), "WHICH",
     "cc: refuse videos whose page gives no Creative Commons licence; any (the default): warn", 0, 0, licenses},
    {"recheck", 0, OPTION_FLAG, SETTING(recheck), NULL,
     "download nothing; ask the resolver whether the videos are still there and still free", 0, 0, NULL},
    {"attribution", 0, OPTION_TEXT, SETTING(attribution), "FILE", "keep the list of credits, as CSV, in FILE", 0, 0,
     NULL},
    {"audio", 0, OPTION_FLAG, SETTING(audio), NULL, "download the best sound too, and join it to the video", 0, 0,
     NULL},
    {"no-hash", 0, OPTION_FLAG, SETTING(no_hash), NULL, "write no sha256 to the records", 0, 0, NULL},
    {"max-filesize", 0, OPTION_BYTES, SETTING(max_filesize), "SIZE",
     "refuse files of more than SIZE bytes (K, M, G, T; default 256G)", 1, 9e18, NULL},
    {"min-free", 0, OPTION_BYTES, SETTING(min_free), "SIZE",
     "wait while the disk has less than SIZE bytes left (K, M, G; default 0)", 0, 9e18, NULL},
    {"max-disk", 0, OPTION_BYTES, SETTING(max_disk), "SIZE",
     "wait while the videos that are not finished take SIZE bytes (K, M, G); with --finished", 1, 9e18, NULL},
    {"finished", 0, OPTION_TEXT, SETTING(finished), "FILE",
     "read the ids of finished videos from FILE, such as a pipe, while others are downloaded", 0, 0, NULL},
    {0},
};

const struct program fetch_program = {
    .name = "th-fetch",
    .synopsis = "-o DIR [options] [FILE...]",
    .purpose = "Downloads videos: reads ids or URLs, writes DIR/ID.mp4 and one record for each video.",
    .options = specs,
    .needs_output = true,
};
#undef SETTING

const struct fetch_settings fetch_defaults = {.resolver_timeout = 120,
                                              .connect_timeout = 30,
                                              .low_speed_time = 60,
                                              .max_time = 86400,
                                              .retries = 5,
                                              .retry_delay = 2,
                                              .sleep_interval = -1,
                                              .parallel_runs = 1,
                                              .pause = 60,
                                              .max_pauses = 5,
                                              .max_filesize = (int64_t)256 << 30,
                                              .license = LICENSE_UNSET};

bool fetch_options_want_cc(const struct fetch_settings *settings)
{
    return settings->license == LICENSE_CC || (settings->license == LICENSE_UNSET && settings->recheck);
}

bool fetch_options_are_polite(const struct fetch_settings *settings)
{
    return settings->sleep_interval < 0 && settings->max_sleep_interval <= 0 && !settings->resolver &&
           !settings->url_template;
}

/* An option that was given but is not used with --resolver or --url-template; NULL: there is none. */
static const char *unused_option(const struct fetch_settings *settings)
{
    if (!settings->url_template && !settings->resolver)
        return NULL;
    if (settings->resolver_args)
        return "--resolver-args";
    return settings->format ? "--format" : settings->max_height > 0 ? "--max-height" : NULL;
}

void fetch_options_not_passed(const struct fetch_settings *settings, char *text, size_t size)
{
    const char *const names[] = {settings->cookies ? "--cookies" : NULL,
                                 settings->proxy ? "--proxy" : NULL,
                                 settings->ipv4 ? "--ipv4" : NULL,
                                 settings->ipv6 ? "--ipv6" : NULL,
                                 settings->source_address ? "--source-address" : NULL,
                                 settings->audio ? "--audio" : NULL};
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; settings->resolver && i < sizeof names / sizeof *names; i++)
        if (names[i] && length < size)
            length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "", names[i]);
}

/* 0, or -1 and error when the addresses that the options allow are none. */
static int check_addresses(const struct fetch_settings *settings, struct error *error)
{
    const char *address = settings->source_address;
    unsigned char bytes[sizeof(struct in6_addr)];
    bool is_ipv4 = address && inet_pton(AF_INET, address, bytes) == 1;
    bool is_ipv6 = address && inet_pton(AF_INET6, address, bytes) == 1;

    if (settings->ipv4 && settings->ipv6)
        return error_set(error, ERROR_BAD_ID, "--ipv4 and --ipv6 exclude each other");
    if (address && !is_ipv4 && !is_ipv6)
        return error_set(error, ERROR_BAD_ID, "--source-address '%.100s': expected an IPv4 or IPv6 address", address);
    if ((settings->ipv4 && is_ipv6) || (settings->ipv6 && is_ipv4))
        return error_set(error, ERROR_BAD_ID, "--source-address %.100s is not an %s address", address,
                         settings->ipv4 ? "IPv4" : "IPv6");
    return 0;
}

/* 0 when --min-height can be used with the other options. */
static int check_min_height(const struct fetch_settings *settings, struct error *error)
{
    struct height_limit limit = {0};
    struct error why;

    if (settings->min_height && height_read_limit(settings->min_height, &limit, &why) < 0)
        return error_set(error, ERROR_BAD_ID, "--min-height: %s", why.message);
    if (limit.is_listed && !settings->tubes && !settings->heights)
        return error_set(error, ERROR_BAD_ID, "--min-height listed: expected a tube list, too (--heights FILE)");
    if (settings->max_height > 0 && limit.pixels > settings->max_height)
        return error_set(error, ERROR_BAD_ID, "--min-height %s: expected at most --max-height", settings->min_height);
    return 0;
}

int fetch_options_check(const struct fetch_settings *settings, struct error *error)
{
    const char *unused = unused_option(settings);
    struct words words = {0};
    struct error why;
    struct shard shard;

    if (settings->url_template && fetch_input_check_template(settings->url_template, &why) < 0)
        return error_set(error, ERROR_BAD_ID,
                         "--url-template: %s; expected a URL of http, https or file with {id} in it", why.message);
    if (unused)
        return error_set(error, ERROR_BAD_ID, "%s is for the default resolver, not for --resolver and --url-template",
                         unused);
    if (settings->resolver && words_split(&words, settings->resolver, &why) < 0)
        return error_set(error, ERROR_BAD_ID, "--resolver: %s", why.message);
    words_clear(&words);
    if (settings->resolver_args && words_split(&words, settings->resolver_args, &why) < 0)
        return error_set(error, ERROR_BAD_ID, "--resolver-args: %s", why.message);
    words_clear(&words);
    if (check_addresses(settings, error) < 0)
        return -1;
    if ((settings->max_disk > 0) != (settings->finished != NULL))
        return error_set(error, ERROR_BAD_ID, "--max-disk and --finished go together; one of them is missing");
    if ((settings->license == LICENSE_CC || settings->recheck) && settings->url_template)
        return error_set(error, ERROR_BAD_ID, "--license cc and --recheck need pages; --url-template has none");
    if (!settings->tubes && (settings->min_size > 0 || settings->min_frames > 0))
        return error_set(error, ERROR_BAD_ID, "--min-size and --min-frames choose among tubes; expected -t FILE, too");
    if (settings->needed && !settings->tubes)
        return error_set(error, ERROR_BAD_ID, "--needed downloads what tubes need; expected -t FILE, too");
    if (settings->max_sleep_interval > 0 && settings->max_sleep_interval < settings->sleep_interval)
        return error_set(error, ERROR_BAD_ID, "--max-sleep-interval %g: expected at least --sleep-interval, %g",
                         settings->max_sleep_interval, settings->sleep_interval);
    if (settings->shard && selection_read_shard(settings->shard, &shard, &why) < 0)
        return error_set(error, ERROR_BAD_ID, "--shard: %s", why.message);
    return check_min_height(settings, error);
}
