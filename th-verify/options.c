#include "th-verify/options.h"

#include <stdio.h>

#include "th-verify/check.h"

static const struct option_spec options[] = {
    {"input", 'i', OPTION_TEXT, offsetof(struct verify_settings, clips), "DIR", "the folder of the clips; with -t", 0,
     0, NULL},
    {"tubes", 't', OPTION_TEXT, offsetof(struct verify_settings, tubes), "FILE",
     "verify the clip of each row of the tube list FILE; with -i", 0, 0, NULL},
    {"finished", 0, OPTION_TEXT, offsetof(struct verify_settings, finished), "FILE",
     "tell FILE, such as a pipe, which videos of the tube list of -t are finished", 0, 0, NULL},
    {"chunks", 0, OPTION_TEXT, offsetof(struct verify_settings, chunks), "DIR",
     "the folder of the chunks, for clips whose records name none", 0, 0, NULL},
    {"level", 0, OPTION_CHOICE, offsetof(struct verify_settings, level), "LEVEL",
     "read the container only, decode every frame (the default), or compare each with the chunk", 0, 0,
     check_level_names},
    {"reference", 0, OPTION_TEXT, offsetof(struct verify_settings, reference), "DIR",
     "score the reconstruction of each clip, DIR/NAME.mp4, against the clip", 0, 0, NULL},
    {"scores", 0, OPTION_TEXT, offsetof(struct verify_settings, scores), "FILE",
     "write the scores as a table to FILE; with --reference", 0, 0, NULL},
    {"summary", 0, OPTION_TEXT, offsetof(struct verify_settings, summary), "FILE",
     "when all clips are verified, write counts to FILE, as JSON", 0, 0, NULL},
    {"passed", 0, OPTION_TEXT, offsetof(struct verify_settings, passed), "FILE",
     "write a line of JSON for each clip of the manifests that passed to FILE; with --manifest", 0, 0, NULL},
    {"report", 0, OPTION_TEXT, offsetof(struct verify_settings, report), "FILE",
     "when all clips are verified, write a page with pictures to FILE, as HTML", 0, 0, NULL},
    {"manifest", 0, OPTION_LIST, offsetof(struct verify_settings, manifests), "FILE",
     "count the records of FILE, too (may be repeated)", 0, 0, NULL},
    {"title", 0, OPTION_TEXT, offsetof(struct verify_settings, title), "TEXT",
     "the title of the page, such as the name of the set", 0, 0, NULL},
    {"advice", 0, OPTION_TEXT, offsetof(struct verify_settings, advice), "TEXT",
     "with --report: a sentence on what to do before the next run", 0, 0, NULL},
    {"rerun", 0, OPTION_TEXT, offsetof(struct verify_settings, rerun), "COMMAND",
     "the command that the page shows for running again", 0, 0, NULL},
    {0},
};

static const struct program program = {
    .name = "th-verify",
    .synopsis = "[options] [FILE...] | -i DIR -t FILE [options]",
    .purpose = "Proves that each clip is what its tube asked for.",
    .options = options,
};

enum options_result verify_options_read(struct verify_settings *settings, int argc, char **argv, int *first)
{
    enum options_result result;
    const char *fault = NULL;

    *settings = (struct verify_settings){.level = LEVEL_DECODE};
    result = options_read(&program, settings, argc, argv, first);
    if (result != OPTIONS_RUN)
        return result;
    if (!settings->clips != !settings->tubes && !(settings->tubes && settings->finished))
        fault = "--input and --tubes go together; one of them is missing";
    else if (settings->finished && !settings->tubes)
        fault = "--finished needs --tubes";
    else if (settings->clips && *first < argc)
        fault = "no FILE is read when --tubes names the clips";
    else if (settings->scores && !settings->reference)
        fault = "--scores needs --reference";
    else if (settings->reference && settings->level < LEVEL_DECODE)
        fault = "--reference needs the frames; --level container does not decode them";
    else if (settings->manifests.count && !settings->summary && !settings->report && !settings->passed)
        fault = "--manifest needs --summary, --report or --passed";
    else if (settings->passed && !settings->manifests.count)
        fault = "--passed needs --manifest";
    else if ((settings->title || settings->rerun || settings->advice) && !settings->report)
        fault = "--title, --rerun and --advice need --report";
    if (!fault)
        return OPTIONS_RUN;
    fprintf(stderr, "%s: %s\n", program.name, fault);
    return OPTIONS_USAGE;
}
