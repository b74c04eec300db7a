/* th-crop: cuts the clips that tubes name out of chunks. */
#include <libavutil/log.h>
#include <stdlib.h>

#include "common/output/output_file.h"
#include "common/stage/process.h"
#include "th-crop/encode/encoder.h"
#include "th-crop/encode/encoder_trial.h"
#include "th-crop/options.h"
#include "th-crop/plan/clip_target.h"
#include "th-crop/schedule.h"

/* Loads the list of -t, if it is given. 0, or -1 after a message. */
static int load_list(const struct crop_settings *settings, struct stage *stage, struct tube_list **list)
{
    struct error error;

    if (!settings->tubes || !tube_list_load(list, settings->tubes, stage_bad_line, stage, &error))
        return 0;
    console_say(stage_console(stage), CONSOLE_ERROR, "%s", error.message);
    return -1;
}

/* Checks that the encoder opens and the output folder can be used. 0, or the exit status after a message. */
static int prepare(struct crop_settings *settings, struct console *console)
{
    struct error error;
    int status = encoder_trial_run(&settings->output, console);

    if (status)
        return status;
    if ((settings->common.dry_run || !output_file_sweep(settings->common.output, &error)) &&
        !clip_target_check_options(settings, &error))
        return 0;
    console_say(console, CONSOLE_ERROR, "%s", error.message);
    return EXIT_CANNOT;
}

int main(int argc, char **argv)
{
    struct crop_settings settings = crop_defaults;
    struct crop crop = {.settings = &settings};
    struct console *console = NULL;
    struct tube_list *list = NULL;
    struct error error;
    int first, status = EXIT_CANNOT;

    switch (options_read(&crop_program, &settings, argc, argv, &first)) {
    case OPTIONS_USAGE:
        return EXIT_USAGE;
    case OPTIONS_DONE:
        return EXIT_DONE;
    case OPTIONS_RUN:
        break;
    }
    console = console_alloc(crop_program.name, settings.common.verbosity, (enum progress_mode)settings.common.progress);
    if (!console)
        goto end;
    if (crop_options_read(&settings, &error)) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        status = EXIT_USAGE;
        goto end;
    }
    av_log_set_level(settings.common.verbosity >= 2 ? AV_LOG_WARNING : AV_LOG_QUIET);
    encoder_capture_log();
    status = prepare(&settings, console);
    if (status)
        goto end;
    status = EXIT_CANNOT;
    crop.stage = stage_alloc(&crop_schedule_stage, &crop, &settings.common, console, argv + first, argc - first);
    if (!crop.stage || load_list(&settings, crop.stage, &list))
        goto end;
    crop.plan = plan_alloc(list);
    if (crop.plan)
        status = stage_run(crop.stage);
    else
        console_say(console, CONSOLE_ERROR, "out of memory");
    crop_schedule_log_totals(&crop);
end:
    stage_free(&crop.stage);
    crop_schedule_free_jobs(&crop);
    plan_free(&crop.plan);
    tube_list_free(&list);
    console_free(&console);
    process_exit(status);
}
