/* The command line of th-split. */
#ifndef TH_SPLIT_OPTIONS_H
#define TH_SPLIT_OPTIONS_H

#include <stdbool.h>

#include "common/stage/options.h"

struct split_settings {
    struct common_settings common;
    const char *tubes; /* path of the tube list; NULL: write all chunks */
    double seconds;
    bool no_copy; /* write no chunks, only tell where they stand */
};

/* Fills settings from argv and sets *first to the index of the first FILE; says on stderr what is wrong. */
enum options_result split_options_read(struct split_settings *settings, int argc, char **argv, int *first);

#endif
