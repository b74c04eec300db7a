/* What comes in, and what is to become of it: clips to be verified, and records that go on as they are. */
#ifndef TH_VERIFY_INPUT_H
#define TH_VERIFY_INPUT_H

#include "common/tube_list.h"
#include "th-verify/schedule.h"

/* Begins zeroed but for schedule, and for list when there is one. */
struct verify_input {
    struct verify_schedule *schedule; /* what verifies the clips; not owned */
    const struct tube_list *list;     /* NULL: clips are named by lines */
    size_t chunk, row;                /* of the list, what is verified next; row counts within the chunk */
    bool has_ended;                   /* no further line will come */
};

/* Clips named by records and paths, the lines of the stage's input; and by the rows of the list, when there is one: the
 * input should be empty then. */
extern const struct stage_program verify_input_program;

#endif
