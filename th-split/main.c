/* th-split: cuts videos into chunks of a minute by stream copy. */
#include <libavutil/log.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/media.h"
#include "common/name.h"
#include "common/output/output_file.h"
#include "common/stage/options.h"
#include "common/stage/process.h"
#include "common/stage/stage.h"
#include "common/tube_list.h"
#include "th-split/job.h"
#include "th-split/schedule.h"

static const struct option_spec options[] = {
    {.name = "tubes",
     .letter = 't',
     .kind = OPTION_TEXT,
     .offset = offsetof(struct split_settings, tubes),
     .argument = "FILE",
     .help = "write only the chunks that this tube list names"},
    {.name = "seconds",
     .kind = OPTION_REAL,
     .offset = offsetof(struct split_settings, seconds),
     .argument = "N",
     .help = "length of a chunk (60); it ends at the first key frame from there on",
     .min = 0.1,
     .max = 86400},
    {.name = "no-copy",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct split_settings, no_copy),
     .help = "write no chunks; th-crop and th-verify take them from the video"},
    {.name = NULL}};

static const struct program program = {.name = "th-split",
                                       .synopsis = "-o DIR [-t TUBES] [--seconds N] [--no-copy] [FILE...]",
                                       .purpose = "Cuts videos into chunks of a minute, without encoding them anew.",
                                       .options = options,
                                       .needs_output = true};

/* Clears the output folder and that of the index files of what killed runs left. */
static int sweep(const struct split_settings *settings, const char *index_dir, struct error *error)
{
    return output_file_sweep(settings->common.output, error) || output_file_sweep(index_dir, error) ? -1 : 0;
}

/* Whether the tube list and the videos are both to be read from the standard input. */
static bool reads_stdin_twice(const struct split_settings *settings, char *const *files, int count)
{
    bool is_input = count == 0;

    for (int i = 0; i < count; i++)
        is_input |= !strcmp(files[i], "-");
    return is_input && settings->tubes && !strcmp(settings->tubes, "-");
}

int main(int argc, char **argv)
{
    struct split_settings settings = {.seconds = 60};
    struct console *console = NULL;
    char *index_dir = NULL;
    struct stage *stage = NULL;
    struct split_schedule *schedule = NULL;
    struct tube_list *tubes = NULL;
    struct error error = {0};
    int first, status = EXIT_CANNOT;

    switch (options_read(&program, &settings, argc, argv, &first)) {
    case OPTIONS_DONE:
        return EXIT_DONE;
    case OPTIONS_USAGE:
        return EXIT_USAGE;
    case OPTIONS_RUN:
        break;
    }
    media_log_level(settings.common.verbosity > 1 ? AV_LOG_WARNING : AV_LOG_QUIET);
    index_dir = name_path(settings.common.output, split_job_index_dir, "");
    console = console_alloc(program.name, settings.common.verbosity, (enum progress_mode)settings.common.progress);
    schedule = split_schedule_alloc(&settings);
    if (!index_dir || !console || !schedule)
        goto end;
    if (reads_stdin_twice(&settings, argv + first, argc - first)) {
        console_say(console, CONSOLE_ERROR, "--tubes: \"-\" is where the videos come from; a file was expected");
        status = EXIT_USAGE;
        goto end;
    }
    stage = stage_alloc(&split_schedule_program, schedule, &settings.common, console, argv + first, argc - first);
    if (!stage)
        goto end;
    if ((settings.tubes && tube_list_load(&tubes, settings.tubes, stage_bad_row, stage, &error)) ||
        (!settings.common.dry_run && sweep(&settings, index_dir, &error))) {
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
