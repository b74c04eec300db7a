/* th-verify: proves that each clip is what its tube asked for. */
#include <libavutil/log.h>
#include <unistd.h>

#include "common/stage/process.h"
#include "common/text.h"
#include "th-verify/check.h"
#include "th-verify/input.h"

enum { BATCHES_PER_JOB = 4 };

/* Loads the tube list. 0, or -1 after a message. */
static int load_list(struct tube_list **list, struct verify_input *input, struct console *console)
{
    const struct verify_settings *settings = input->schedule->settings;
    struct error error;

    if (settings->clips && (!text_is_utf8(settings->clips) || access(settings->clips, R_OK | X_OK))) {
        console_say(console, CONSOLE_ERROR, "the folder of the clips, \"%s\", cannot be read", settings->clips);
        return -1;
    }
    if (tube_list_load(list, settings->tubes, stage_bad_line, input->schedule->stage, &error)) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        return -1;
    }
    return 0;
}

/* Has the schedule tell which videos of the list are finished. 0, or -1 after a message. */
static int open_finished(struct verify_schedule *schedule, const struct tube_list *list, struct console *console)
{
    const struct verify_settings *settings = schedule->settings;
    const struct finished_settings finished = {.path = settings->finished,
                                               .list = list,
                                               .base = settings->common.base,
                                               .keeps_ok = settings->level >= LEVEL_SOURCE};
    struct error error;

    if (!settings->finished || settings->common.dry_run || !finished_open(&schedule->finished, &finished, &error))
        return 0;
    console_say(console, CONSOLE_ERROR, "%s", error.message);
    return -1;
}

/* Opens what the settings name. 0, or -1 after a message. */
static int prepare(struct tube_list **list, struct verify_input *input, struct console *console)
{
    const struct verify_settings *settings = input->schedule->settings;

    if (verify_schedule_open(input->schedule) || (settings->tubes && load_list(list, input, console)))
        return -1;
    if (*list && settings->clips) {
        input->list = *list;
        stage_expect(input->schedule->stage, (int64_t)(*list)->row_count);
    }
    return open_finished(input->schedule, *list, console);
}

int main(int argc, char **argv)
{
    static char nothing[] = "/dev/null";
    char *no_input[] = {nothing};
    struct verify_settings settings;
    struct verify_schedule schedule = {.settings = &settings};
    struct verify_input input = {.schedule = &schedule};
    struct tube_list *list = NULL;
    struct console *console;
    int first, status = EXIT_CANNOT;

    switch (verify_options_read(&settings, argc, argv, &first)) {
    case OPTIONS_RUN:
        break;
    case OPTIONS_DONE:
        return EXIT_DONE;
    case OPTIONS_USAGE:
        return EXIT_USAGE;
    }
    schedule.waiting.limit = BATCHES_PER_JOB * (size_t)settings.common.jobs;
    console = console_alloc("th-verify", settings.common.verbosity, settings.common.progress);
    if (!console)
        return EXIT_CANNOT;
    av_log_set_level(console_shows(console, CONSOLE_DEBUG) ? AV_LOG_WARNING : AV_LOG_QUIET);
    schedule.stage = stage_alloc(&verify_input_program, &input, &settings.common, console,
                                 settings.clips ? no_input : argv + first, settings.clips ? 1 : argc - first);
    if (schedule.stage) {
        if (!prepare(&list, &input, console))
            status = stage_run(schedule.stage);
        status = verify_schedule_close(&schedule, status);
    }
    stage_free(&schedule.stage);
    tube_list_free(&list);
    console_free(&console);
    process_exit(status);
}
