/* What the command line of th-verify sets. */
#ifndef TH_VERIFY_OPTIONS_H
#define TH_VERIFY_OPTIONS_H

#include "common/stage/options.h"

struct verify_settings {
    struct common_settings common;
    const char *clips;            /* -i: the folder of the clips; NULL when not given */
    const char *tubes;            /* -t: the list of the clips that should be there; NULL when not given */
    const char *chunks;           /* the folder of the chunks; NULL when not given */
    int level;                    /* enum level */
    const char *reference;        /* the folder of a model's reconstructions; NULL when not given */
    const char *scores;           /* where the table of their scores goes; NULL when not given */
    const char *summary;          /* where the counts go as JSON; NULL when not given */
    const char *report;           /* where the page for people goes; NULL when not given */
    const char *title, *rerun;    /* what the page says of itself, and what to run next; NULL when not given */
    struct option_list manifests; /* whose records are counted, too */
};

/* Reads the command line as options_read does, and checks that what is given fits together. */
enum options_result verify_options_read(struct verify_settings *settings, int argc, char **argv, int *first);

#endif
