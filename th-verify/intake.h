/* What comes in, and what becomes of it: the parent's side of th-verify. */
#ifndef TH_VERIFY_INTAKE_H
#define TH_VERIFY_INTAKE_H

#include "common/stage.h"
#include "common/tube_list.h"
#include "th-verify/settings.h"

/* Owns nothing. */
struct intake {
    const struct settings *settings;
    struct stage *stage;          /* set once it is made */
    const struct tube_list *list; /* for intake_of_list */
    size_t chunk, row;            /* of the list, what is verified next; row counts within the chunk */
};

/* Clips named by records and paths: the lines of the stage's input. */
extern const struct stage_program intake_of_lines;

/* Clips named by the rows of a list; the stage's input is empty. */
extern const struct stage_program intake_of_list;

#endif
