/* th-fetch: downloads the videos that ids and URLs name. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/output/output_file.h"
#include "common/stage/console.h"
#include "common/stage/process.h"
#include "common/stage/stage.h"
#include "th-fetch/options.h"
#include "th-fetch/schedule.h"
#include "th-fetch/sidecar/index.h"

static bool is_readable_file(const char *path, struct error *error)
{
    struct stat facts;

    if (access(path, R_OK) < 0 || stat(path, &facts) < 0)
        error_set_errno(error, errno, "cannot read %s", path);
    else if (S_ISDIR(facts.st_mode))
        error_set(error, ERROR_IO, "%s is a folder; expected a file", path);
    else
        return true;
    return false;
}

static int fetch_videos(struct fetch_settings *settings, struct console *console, char **files, int count)
{
    struct error error;
    struct stage *stage = NULL;
    struct fetch *fetch = NULL;
    int status = EXIT_CANNOT;

    if (fetch_options_check(settings, &error) < 0) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        return EXIT_USAGE;
    }
    if (settings->cookies && !is_readable_file(settings->cookies, &error)) {
        console_say(console, CONSOLE_ERROR, "--cookies: %s", error.message);
        return EXIT_CANNOT;
    }
    if (!settings->common.dry_run &&
        (output_file_sweep(settings->common.output, &error) < 0 || index_sweep(settings->common.output, &error) < 0)) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        return EXIT_CANNOT;
    }
    fetch = fetch_alloc(settings, console);
    stage = fetch ? stage_alloc(&schedule_program, fetch, &settings->common, console, files, count) : NULL;
    if (stage) {
        fetch_set_stage(fetch, stage);
        status = stage_run(stage);
        if (fetch_finish(fetch, &error) < 0) {
            console_say(console, CONSOLE_ERROR, "%s", error.message);
            status = status < 128 ? EXIT_CANNOT : status;
        }
    }
    stage_free(&stage);
    fetch_free(&fetch);
    return status;
}

int main(int argc, char **argv)
{
    struct fetch_settings settings = fetch_defaults;
    int first;

    switch (options_read(&fetch_program, &settings, argc, argv, &first)) {
    case OPTIONS_USAGE:
        return EXIT_USAGE;
    case OPTIONS_DONE:
        return EXIT_DONE;
    case OPTIONS_RUN:
        break;
    }
    media_log_level(AV_LOG_QUIET);
    struct console *console = console_alloc(fetch_program.name, settings.common.verbosity, settings.common.progress);
    if (!console)
        return EXIT_CANNOT;
    int status = fetch_videos(&settings, console, argv + first, argc - first);
    console_free(&console);
    process_exit(status);
}
