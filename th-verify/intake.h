/* What comes in, and what becomes of it: the parent's side of th-verify. */
#ifndef TH_VERIFY_INTAKE_H
#define TH_VERIFY_INTAKE_H

#include "common/stage.h"
#include "common/tube_list.h"
#include "th-verify/batch.h"
#include "th-verify/report.h"
#include "th-verify/settings.h"

/* Begins zeroed but for settings and batches.limit. */
struct intake {
    const struct settings *settings;
    struct stage *stage;          /* set once it is made */
    struct report *report;        /* likewise */
    const struct tube_list *list; /* NULL: clips are named by lines */
    size_t chunk, row;            /* of the list, what is verified next; row counts within the chunk */
    bool has_ended;               /* no further line will come */
    int verifying;                /* clips that are being looked at */
    struct batches batches;       /* what waits for others of its chunk, or for a free process */
    size_t unproven;              /* clips that could not be held against their chunk, though they should be */
};

/* Clips named by records and paths, the lines of the stage's input; and by the rows of the list, when there is one: the
 * input should be empty then. */
extern const struct stage_program intake_program;

/* Frees what intake owns, after a word on what could not be proven. */
void intake_end(struct intake *intake);

#endif
