#include "th-split/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

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
     .help = "length of a chunk (60); it ends before the next key frame",
     .min = 0.1,
     .max = 86400},
    {.name = "no-copy",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct split_settings, no_copy),
     .help = "write no chunks; th-crop and th-verify cut them out of the video"},
    {.name = NULL}};

static const struct program program = {.name = "th-split",
                                       .synopsis = "-o DIR [-t TUBES] [--seconds N] [--no-copy] [FILE...]",
                                       .purpose = "Cuts videos into chunks of a minute without reencoding.",
                                       .options = options,
                                       .needs_output = true};

/* True when both the tube list and the videos would come from stdin. */
static bool reads_stdin_twice(const struct split_settings *settings, char *const *files, int count)
{
    bool is_input = count == 0;

    for (int i = 0; i < count; i++)
        is_input |= !strcmp(files[i], "-");
    return is_input && settings->tubes && !strcmp(settings->tubes, "-");
}

enum options_result split_options_read(struct split_settings *settings, int argc, char **argv, int *first)
{
    enum options_result result;

    *settings = (struct split_settings){.seconds = 60};
    result = options_read(&program, settings, argc, argv, first);
    if (result == OPTIONS_RUN && reads_stdin_twice(settings, argv + *first, argc - *first)) {
        fprintf(stderr, "th-split: --tubes is \"-\", but the videos come from stdin; expected a file\n");
        return OPTIONS_USAGE;
    }
    return result;
}
