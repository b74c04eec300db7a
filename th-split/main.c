/* th-split: cuts videos into chunks of a minute by stream copy. */
#include <libavutil/log.h>
#include <stdlib.h>

#include "common/name.h"
#include "common/output/output_file.h"
#include "common/stage/process.h"
#include "common/stage/stage.h"
#include "common/tube_list.h"
#include "th-split/job.h"
#include "th-split/options.h"
#include "th-split/schedule.h"

/* Loads the tube list, if there is one, and removes the temporary files of killed runs. 0, or -1 and error. */
static int prepare(const struct split_settings *settings, const char *index_dir, struct stage *stage,
                   struct tube_list **tubes, struct error *error)
{
    if (settings->tubes && tube_list_load(tubes, settings->tubes, stage_bad_line, stage, error))
        return -1;
    if (settings->common.dry_run)
        return 0;
    return output_file_sweep(settings->common.output, error) || output_file_sweep_notes(index_dir, error) ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct split_settings settings;
    struct console *console = NULL;
    char *index_dir = NULL;
    struct stage *stage = NULL;
    struct split_schedule *schedule = NULL;
    struct tube_list *tubes = NULL;
    struct error error = {0};
    int first, status = EXIT_CANNOT;

    switch (split_options_read(&settings, argc, argv, &first)) {
    case OPTIONS_DONE:
        return EXIT_DONE;
    case OPTIONS_USAGE:
        return EXIT_USAGE;
    case OPTIONS_RUN:
        break;
    }
    av_log_set_level(settings.common.verbosity > 1 ? AV_LOG_WARNING : AV_LOG_QUIET);
    index_dir = name_path(settings.common.output, split_job_index_dir, "");
    console = console_alloc("th-split", settings.common.verbosity, (enum progress_mode)settings.common.progress);
    schedule = split_schedule_alloc(&settings);
    if (!index_dir || !console || !schedule)
        goto end;
    stage = stage_alloc(&split_schedule_program, schedule, &settings.common, console, argv + first, argc - first);
    if (!stage)
        goto end;
    if (prepare(&settings, index_dir, stage, &tubes, &error)) {
        console_say(console, CONSOLE_ERROR, "%s", error.message);
        goto end;
    }
    split_schedule_serve(schedule, stage, tubes);
    stage_also_writes(stage, index_dir);
    status = stage_run(stage);
end:
    stage_free(&stage);
    split_schedule_free(&schedule);
    tube_list_free(&tubes);
    console_free(&console);
    free(index_dir);
    process_exit(status);
}
