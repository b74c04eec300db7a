/* The input: clips that are to be verified, and records that pass through unchanged. */
#ifndef TH_VERIFY_INPUT_H
#define TH_VERIFY_INPUT_H

#include "common/tube_list.h"
#include "th-verify/schedule.h"

/* Begins zeroed except for schedule, and for list when there is one. */
struct verify_input {
    struct verify_schedule *schedule; /* not owned */
    const struct tube_list *list;     /* NULL: lines name the clips; not owned */
    size_t chunk, row;                /* of the list: the row to take next; row counts within the chunk */
    bool has_ended;                   /* no further line will come */
};

/* Takes clips from the stage's lines, which are records or paths, or from the rows of the list; the stage's input
 * should be empty then. self is a struct verify_input. */
extern const struct stage_program verify_input_program;

#endif
