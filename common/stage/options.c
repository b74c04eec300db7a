#include "common/stage/options.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/number.h"
#include "common/stage/processors.h"
#include "common/text.h"

enum { SPECS_MAX = 64, EXPECTED_SIZE = 256 };

static const char *const progress_choices[] = {"auto", "always", "never", NULL};

#define COMMON(member) offsetof(struct common_settings, member)
static const struct option_spec common_options[] = {
    {"output", 'o', OPTION_TEXT, COMMON(output), "DIR", "write files to DIR, made when missing", 0, 0, NULL},
    {"jobs", 'j', OPTION_COUNT, COMMON(jobs), "N", "work on N items at a time (default: the processors at hand)", 1,
     1024, NULL},
    {"force", 'f', OPTION_FLAG, COMMON(force), NULL, "do again what is there already", 0, 0, NULL},
    {"dry-run", 'n', OPTION_FLAG, COMMON(dry_run), NULL, "change nothing; record what would be done", 0, 0, NULL},
    {"quiet", 'q', OPTION_LEVEL, COMMON(verbosity), NULL, "say errors only", -1, 0, NULL},
    {"verbose", 'v', OPTION_LEVEL, COMMON(verbosity), NULL, "say more; twice: much more", 1, 0, NULL},
    {"progress", 0, OPTION_CHOICE, COMMON(progress), "WHEN", "show progress: auto (on a terminal), always or never", 0,
     0, progress_choices},
    {"total", 0, OPTION_COUNT, COMMON(total), "N", "the number of items that will come, for the progress line", 0, 9e18,
     NULL},
    {"base", 0, OPTION_TEXT, COMMON(base), "DIR", "record the paths of files below DIR relative to it", 0, 0, NULL},
    {"stall-timeout", 0, OPTION_REAL, COMMON(stall_timeout), "SECONDS",
     "give an item up that makes no progress for SECONDS (default 60; 0: never)", 0, 86400, NULL},
    {"max-memory", 0, OPTION_BYTES, COMMON(max_memory), "SIZE",
     "let a working process use at most SIZE bytes of address space (K, M, G; default 0: no limit)", 0, 9e18, NULL},
    {"help", 'h', OPTION_FLAG, 0, NULL, "show this help", 0, 0, NULL},
    {"version", 'V', OPTION_FLAG, 0, NULL, "show the version", 0, 0, NULL},
    {0},
};
#undef COMMON

/* The options of a program and the common ones in getopt's form. */
struct option_set {
    const struct option_spec *specs[SPECS_MAX];
    int count;
    struct option longs[SPECS_MAX + 1];
    char shorts[2 * SPECS_MAX + 2];
};

static bool takes_argument(const struct option_spec *spec)
{
    return spec->kind != OPTION_FLAG && spec->kind != OPTION_LEVEL;
}

static void add_options(struct option_set *set, const struct option_spec *spec, bool without_output)
{
    char *shorts = set->shorts + strlen(set->shorts);

    for (; spec->name && set->count < SPECS_MAX; spec++) {
        if (without_output && spec->letter == 'o')
            continue;
        set->longs[set->count] = (struct option){spec->name, takes_argument(spec), NULL, 256 + set->count};
        set->specs[set->count++] = spec;
        if (spec->letter) {
            *shorts++ = spec->letter;
            if (takes_argument(spec))
                *shorts++ = ':';
        }
    }
    *shorts = '\0';
}

static void show_help(const struct program *program, const struct option_set *set)
{
    printf("usage: %s %s\n\n%s\n\noptions:\n", program->name, program->synopsis, program->purpose);
    for (int i = 0; i < set->count; i++) {
        const struct option_spec *spec = set->specs[i];
        char name[64], letter[8] = "    ";

        if (spec->letter)
            snprintf(letter, sizeof letter, "-%c, ", spec->letter);
        snprintf(name, sizeof name, "%s--%s%s%s", letter, spec->name, spec->argument ? " " : "",
                 spec->argument ? spec->argument : "");
        printf("  %-28s %s\n", name, spec->help);
    }
}

/* Describes the values that the option takes. */
static void describe_expected(const struct option_spec *spec, char *out, size_t size)
{
    size_t length = 0;

    switch (spec->kind) {
    case OPTION_COUNT:
        snprintf(out, size, "a whole number from %.0f to %.0f", spec->min, spec->max);
        break;
    case OPTION_REAL:
        snprintf(out, size, "a number from %.10g to %.10g", spec->min, spec->max);
        break;
    case OPTION_BYTES:
        snprintf(out, size, "a number of bytes, such as 500M, from %.0f on", spec->min);
        break;
    case OPTION_LIST:
        snprintf(out, size, "a text that is not empty, at most %d times", OPTION_LIST_MAX);
        break;
    case OPTION_CHOICE:
        snprintf(out, size, "one of");
        for (const char *const *choice = spec->choices; *choice; choice++) {
            length = strlen(out);
            snprintf(out + length, size - length, " %s", *choice);
        }
        break;
    default:
        snprintf(out, size, "a text that is not empty");
    }
}

static bool read_choice(const char *text, const char *const *choices, int *value)
{
    for (int i = 0; choices[i]; i++)
        if (!strcmp(choices[i], text)) {
            *value = i;
            return true;
        }
    return false;
}

static bool add_to_list(struct option_list *list, char *text)
{
    if (!*text || list->count == OPTION_LIST_MAX)
        return false;
    list->texts[list->count++] = text;
    return true;
}

/* Reads the value into its place in the settings. */
static bool read_value(const struct option_spec *spec, char *text, void *settings)
{
    void *place = (char *)settings + spec->offset;
    /* A maximum of 9e18 or more means INT64_MAX. */
    int64_t max = spec->max >= 9e18 ? INT64_MAX : (int64_t)spec->max;

    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)place = true;
        return true;
    case OPTION_LEVEL:
        *(int *)place += (int)spec->min;
        return true;
    case OPTION_COUNT:
        return number_int(text, (int64_t)spec->min, max, place);
    case OPTION_REAL:
        return number_real(text, spec->min, spec->max, place);
    case OPTION_BYTES:
        return number_size(text, (int64_t)spec->min, max, place);
    case OPTION_CHOICE:
        return read_choice(text, spec->choices, place);
    case OPTION_TEXT:
        *(const char **)place = text;
        return *text != '\0';
    case OPTION_LIST:
        return add_to_list(place, text);
    }
    return false;
}

static const struct option_spec *find_option(const struct option_set *set, int code)
{
    if (code >= 256)
        return set->specs[code - 256];
    for (int i = 0; i < set->count; i++)
        if (set->specs[i]->letter == code)
            return set->specs[i];
    return NULL;
}

static enum options_result usage_error(const struct program *program)
{
    fprintf(stderr, "usage: %s %s (--help says more)\n", program->name, program->synopsis);
    return OPTIONS_USAGE;
}

/* Prints what getopt rejected. */
static void say_unknown(const struct program *program, char *const *argv, bool lacks_value)
{
    if (optopt > 0 && optopt < 256)
        fprintf(stderr, "%s: %s -%c\n", program->name, lacks_value ? "a value is missing after" : "there is no option",
                optopt);
    else
        fprintf(stderr, "%s: %s %s\n", program->name,
                lacks_value ? "a value is missing after"
                : optopt    ? "no value is taken by"
                            : "there is no such option, or more than one that begins so:",
                argv[optind - 1]);
}

static void set_defaults(struct common_settings *common)
{
    *common = (struct common_settings){.jobs = processors_count(), .stall_timeout = 60, .progress = PROGRESS_AUTO};
}

/* Opens those of descriptors 0 to 2 that are closed. Otherwise an output file could get such a number, and messages or
 * records would be written into it. The access mode makes writing to them still fail. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return;
}

/* Help and version are output: a write error must not go unnoticed. */
static enum options_result flush_stdout(void)
{
    if (fflush(stdout) || ferror(stdout)) {
        perror("stdout");
        return OPTIONS_USAGE;
    }
    return OPTIONS_DONE;
}

/* Whether records, which are UTF-8, can hold the names of the folders that were given. */
static bool check_folders(const struct program *program, const struct option_set *set, const void *settings)
{
    for (int i = 0; i < set->count; i++) {
        const struct option_spec *spec = set->specs[i];
        bool is_folder = spec->kind == OPTION_TEXT && !strcmp(spec->argument, "DIR");
        const char *name = is_folder ? *(const char *const *)((const char *)settings + spec->offset) : NULL;

        if (name && !text_is_utf8(name)) {
            fprintf(stderr, "%s: --%s is a name that is not UTF-8; expected one that records, which are, can hold\n",
                    program->name, spec->name);
            return false;
        }
    }
    return true;
}

enum options_result options_read(const struct program *program, void *settings, int argc, char **argv, int *first)
{
    struct common_settings *common = settings;
    struct option_set set = {.shorts = ":"};
    char expected[EXPECTED_SIZE];
    int code;

    hold_standard_streams();
    set_defaults(common);
    add_options(&set, program->options, false);
    add_options(&set, common_options, !program->needs_output);
    opterr = 0;
    while ((code = getopt_long(argc, argv, set.shorts, set.longs, NULL)) != -1) {
        const struct option_spec *spec = code == '?' || code == ':' ? NULL : find_option(&set, code);

        if (!spec) {
            say_unknown(program, argv, code == ':');
            return usage_error(program);
        }
        if (spec->letter == 'h') {
            show_help(program, &set);
            return flush_stdout();
        }
        if (spec->letter == 'V') {
            printf("%s (TalkingHead-1KH tools) %s\n", program->name, TH_VERSION);
            return flush_stdout();
        }
        if (!read_value(spec, optarg, settings)) {
            describe_expected(spec, expected, sizeof expected);
            fprintf(stderr, "%s: --%s is \"%s\"; expected %s\n", program->name, spec->name, optarg, expected);
            return usage_error(program);
        }
    }
    if (program->needs_output && !common->output) {
        fprintf(stderr, "%s: --output DIR is missing\n", program->name);
        return usage_error(program);
    }
    if (common->base && *common->base != '/') {
        fprintf(stderr, "%s: --base is \"%s\"; expected an absolute path\n", program->name, common->base);
        return usage_error(program);
    }
    if (!check_folders(program, &set, settings))
        return usage_error(program);
    *first = optind;
    return OPTIONS_RUN;
}
