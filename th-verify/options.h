/* The settings from the command line. Texts are NULL when not given. */
#ifndef TH_VERIFY_OPTIONS_H
#define TH_VERIFY_OPTIONS_H

#include "common/stage/options.h"

struct verify_settings {
    struct common_settings common;
    const char *clips;            /* -i: the folder of the clips */
    const char *tubes;            /* -t: the list whose rows name the clips */
    const char *chunks;           /* the folder of the chunks */
    int level;                    /* enum level */
    const char *reference;        /* the folder of a model's reconstructions */
    const char *scores;           /* the file for the table of scores */
    const char *summary;          /* the file for the counts as JSON */
    const char *passed;           /* the file for the list of clips that passed */
    const char *report;           /* the file for the HTML page */
    const char *title, *rerun;    /* of the page: its title, and the command to run next */
    const char *advice;           /* of the page: a sentence on what to do first */
    const char *finished;         /* the file that is told which videos of the list are finished */
    struct option_list manifests; /* files whose records are counted, too */
};

/* Reads the command line as options_read does, and checks that the options fit together. */
enum options_result verify_options_read(struct verify_settings *settings, int argc, char **argv, int *first);

#endif
