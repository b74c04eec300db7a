/* Reads the command line from tables of options, with getopt_long. */
#ifndef COMMON_STAGE_OPTIONS_H
#define COMMON_STAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/stage/console.h"

enum option_kind {
    OPTION_FLAG,   /* bool */
    OPTION_COUNT,  /* int64_t within min..max */
    OPTION_REAL,   /* double within min..max */
    OPTION_BYTES,  /* int64_t within min..max, with K, M, G, T */
    OPTION_TEXT,   /* const char *, not empty, from argv */
    OPTION_LIST,   /* struct option_list: each use adds a text, not empty, from argv */
    OPTION_CHOICE, /* int: the index in choices */
    OPTION_LEVEL   /* int: each use adds min (for -v and -q) */
};

/* The texts of an option that may be given several times. */
enum { OPTION_LIST_MAX = 32 };
struct option_list {
    char *texts[OPTION_LIST_MAX];
    int count;
};

/* One option; tables of these end with an entry whose name is NULL. */
struct option_spec {
    const char *name; /* long name, without dashes */
    char letter;      /* 0: none */
    enum option_kind kind;
    size_t offset;        /* of the value in the program's settings */
    const char *argument; /* as the help shows it: "N", "DIR"; NULL for OPTION_FLAG and OPTION_LEVEL */
    const char *help;
    double min, max;
    const char *const *choices; /* NULL-ended */
};

/* What every program's settings begin with. */
struct common_settings {
    const char *output; /* -o; NULL when not given */
    int64_t jobs;       /* -j; default: the processors that this process may use */
    bool force, dry_run;
    int verbosity;        /* -v adds 1, -q takes 1 */
    int progress;         /* enum progress_mode */
    int64_t total;        /* items that will come; 0: not known */
    const char *base;     /* the folder that records' paths are relative to, absolute; NULL: none */
    double stall_timeout; /* seconds; the default is in options.c, as that of every option */
    int64_t max_memory;   /* bytes, 0: no limit */
};

struct program {
    const char *name;                  /* "th-crop" */
    const char *synopsis;              /* "-o DIR -t TUBES [FILE...]" */
    const char *purpose;               /* one sentence */
    const struct option_spec *options; /* its own; the common ones are added */
    bool needs_output;                 /* -o must be given */
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_USAGE };

/* Fills settings from argv and sets *first to the index of the first FILE. settings begins with struct common_settings
 * and holds the defaults of the program's own options. Opens /dev/null for those of descriptors 0 to 2 that are closed.
 * OPTIONS_DONE after --help or --version, written to stdout. OPTIONS_USAGE when that could not be written, or after a
 * message that names option, value and what was expected. */
enum options_result options_read(const struct program *program, void *settings, int argc, char **argv, int *first);

#endif
