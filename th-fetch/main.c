/* th-fetch: downloads the videos that ids and URLs name. */
#include <errno.h>
#include <libavutil/log.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output/output_file.h"
#include "common/stage/console.h"
#include "common/stage/process.h"
#include "common/stage/stage.h"
#include "th-fetch/options.h"
#include "th-fetch/schedule.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/source/cookies.h"

static int check_file(const char *option, const char *path, struct error *error)
{
    struct stat facts;

    if (access(path, R_OK) < 0 || stat(path, &facts) < 0)
        return error_set_errno(error, errno, "%s: cannot read %s", option, path);
    if (S_ISDIR(facts.st_mode))
        return error_set(error, ERROR_IO, "%s: %s is a folder; expected a file", option, path);
    return 0;
}

/* Has the settings name the clean copy of the cookies. */
static int open_cookies(struct fetch_settings *settings, struct cookies *cookies, struct error *error)
{
    if (!settings->cookies)
        return 0;
    if (check_file("--cookies", settings->cookies, error) < 0 || cookies_open(cookies, settings->cookies, error) < 0)
        return -1;
    settings->cookies = cookies->path;
    return 0;
}

/* Removes what killed runs have left. */
static int sweep(const struct fetch_settings *settings, struct error *error)
{
    const char *output = settings->common.output;

    if (settings->common.dry_run)
        return 0;
    return output_file_sweep(output, error) < 0 || index_sweep(output, error) < 0 ? -1 : 0;
}

/* Tells which options the user's own resolver does not get. */
static void warn_about_options(const struct fetch_settings *settings, struct console *console)
{
    char names[100];

    fetch_options_not_passed(settings, names, sizeof names);
    if (names[0])
        console_say(console, CONSOLE_WARNING,
                    "%s: not passed on to the command of --resolver; write its own options into the command", names);
}

/* Checks and prepares what the settings name. An exit status; EXIT_DONE when all is well. */
static int prepare(struct fetch_settings *settings, struct cookies *cookies, struct console *console)
{
    struct error error;
    int status = EXIT_DONE;

    if (fetch_options_check(settings, &error) < 0)
        status = EXIT_USAGE;
    else if (open_cookies(settings, cookies, &error) < 0 || sweep(settings, &error) < 0)
        status = EXIT_CANNOT;
    if (status != EXIT_DONE) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        return status;
    }
    warn_about_options(settings, console);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct fetch_settings settings = fetch_defaults;
    struct cookies cookies = {.fd = -1};
    int first;

    switch (options_read(&fetch_program, &settings, argc, argv, &first)) {
    case OPTIONS_USAGE:
        return EXIT_USAGE;
    case OPTIONS_DONE:
        return EXIT_DONE;
    case OPTIONS_RUN:
        break;
    }
    av_log_set_level(AV_LOG_QUIET);
    struct console *console = console_alloc(fetch_program.name, settings.common.verbosity, settings.common.progress);
    if (!console)
        return EXIT_CANNOT;
    int status = prepare(&settings, &cookies, console);
    if (status == EXIT_DONE)
        status = fetch_schedule_run(&settings, console, argv + first, argc - first);
    cookies_close(&cookies);
    console_free(&console);
    process_exit(status);
}
