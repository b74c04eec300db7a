#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/console.h"
#include "common/media.h"
#include "common/options.h"
#include "common/output_file.h"
#include "common/stage.h"
#include "th-fetch/fetch.h"
#include "th-fetch/settings.h"
#include "th-fetch/target.h"

#define SETTING(member) offsetof(struct fetch_settings, member)

static const struct option_spec options[] = {
    {"url-template", 0, OPTION_TEXT, SETTING(url_template), "URL",
     "download URL, with {id} replaced by the video's id, and ask no resolver", 0, 0, NULL},
    {"resolver", 0, OPTION_TEXT, SETTING(resolver), "COMMAND",
     "ask COMMAND what to download for a page (default: yt-dlp)", 0, 0, NULL},
    {"resolver-timeout", 0, OPTION_REAL, SETTING(resolver_timeout), "SECONDS",
     "kill a resolver that takes longer (default 120)", 0.1, 86400, NULL},
    {"cookies", 0, OPTION_TEXT, SETTING(cookies), "FILE", "send the cookies in FILE (Netscape's format)", 0, 0, NULL},
    {"proxy", 0, OPTION_TEXT, SETTING(proxy), "URL", "go through the proxy at URL", 0, 0, NULL},
    {"limit-rate", 0, OPTION_BYTES, SETTING(limit_rate), "SIZE",
     "download at most SIZE bytes a second in all (K, M, G; default 0: no limit)", 0, 9e18, NULL},
    {"connect-timeout", 0, OPTION_REAL, SETTING(connect_timeout), "SECONDS",
     "give up a connection that is not made within SECONDS (default 30)", 0.1, 3600, NULL},
    {"low-speed-time", 0, OPTION_REAL, SETTING(low_speed_time), "SECONDS",
     "give up a transfer that stands still for SECONDS (default 60; 0: never)", 0, 86400, NULL},
    {"retries", 0, OPTION_COUNT, SETTING(retries), "N", "try a video N times again (default 5)", 0, 1000, NULL},
    {"retry-delay", 0, OPTION_REAL, SETTING(retry_delay), "SECONDS",
     "wait about SECONDS before the first retry, twice as long before each next (default 2)", 0, 3600, NULL},
    {"sleep-interval", 0, OPTION_REAL, SETTING(sleep_interval), "SECONDS",
     "start videos at least SECONDS apart (default 0)", 0, 86400, NULL},
    {"max-sleep-interval", 0, OPTION_REAL, SETTING(max_sleep_interval), "SECONDS",
     "with --sleep-interval: a random time between the two", 0, 86400, NULL},
    {"pause", 0, OPTION_REAL, SETTING(pause), "SECONDS",
     "when the source wants fewer requests, stop all for SECONDS, twice as long each next time (default 60)", 0, 86400,
     NULL},
    {"max-pauses", 0, OPTION_COUNT, SETTING(max_pauses), "N",
     "give the source up after N pauses without a download between them (default 5)", 0, 1000, NULL},
    {0},
};

static const struct program program = {
    .name = "th-fetch",
    .synopsis = "-o DIR [options] [FILE...]",
    .purpose = "Downloads videos: reads ids or URLs, writes DIR/ID.mp4 and a manifest of what became of each.",
    .options = options,
    .needs_output = true,
};

static int fetch_videos(struct fetch_settings *settings, struct console *console, char **files, int count)
{
    struct error error;
    struct stage *stage = NULL;
    struct fetch *fetch = NULL;
    int status = EXIT_CANNOT;

    if (settings->url_template && target_check_template(settings->url_template, &error) < 0) {
        console_say(console, CONSOLE_ERROR, "--url-template: %s; expected a URL of http, https or file with {id} in it",
                    error.message);
        return EXIT_USAGE;
    }
    if (settings->cookies && access(settings->cookies, R_OK) != 0) {
        console_say(console, CONSOLE_ERROR, "--cookies: cannot read %s: %s", settings->cookies, strerror(errno));
        return EXIT_CANNOT;
    }
    if (!settings->common.dry_run && output_sweep(settings->common.output, &error) < 0) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        return EXIT_CANNOT;
    }
    fetch = fetch_alloc(settings, console);
    stage = fetch ? stage_alloc(&fetch_program, fetch, &settings->common, console, files, count) : NULL;
    if (stage) {
        fetch_set_stage(fetch, stage);
        status = stage_run(stage);
    }
    stage_free(&stage);
    fetch_free(&fetch);
    return status;
}

int main(int argc, char **argv)
{
    struct fetch_settings settings = {.resolver_timeout = 120,
                                      .connect_timeout = 30,
                                      .low_speed_time = 60,
                                      .retries = 5,
                                      .retry_delay = 2,
                                      .pause = 60,
                                      .max_pauses = 5};
    int first;

    switch (options_read(&program, &settings, argc, argv, &first)) {
    case OPTIONS_USAGE:
        return EXIT_USAGE;
    case OPTIONS_DONE:
        return EXIT_DONE;
    case OPTIONS_RUN:
        break;
    }
    media_log_level(AV_LOG_QUIET);
    struct console *console = console_alloc(program.name, settings.common.verbosity, settings.common.progress);
    if (!console)
        return EXIT_CANNOT;
    int status = fetch_videos(&settings, console, argv + first, argc - first);
    console_free(&console);
    return status;
}
