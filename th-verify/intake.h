/* What comes in, and what becomes of it: the parent's side of th-verify. */
#ifndef TH_VERIFY_INTAKE_H
#define TH_VERIFY_INTAKE_H

#include "common/stage.h"
#include "common/tube_list.h"
#include "th-verify/batch.h"
#include "th-verify/report.h"
#include "th-verify/scores.h"
#include "th-verify/settings.h"

struct item;

/* Begins zeroed but for settings and batches.limit. */
struct intake {
    const struct settings *settings;
    struct stage *stage;          /* set once it is made */
    struct report *report;        /* likewise */
    const struct tube_list *list; /* NULL: clips are named by lines */
    size_t chunk, row;            /* of the list, what is verified next; row counts within the chunk */
    bool has_ended;               /* no further line will come */
    struct item *running;         /* what is being looked at */
    struct batches batches;       /* what waits for others of its chunk, or for a free process */
    struct scores scores;         /* of reconstructions */
    size_t unproven;              /* clips that could not be held against their chunk, though they should be */
};

/* Clips named by records and paths, the lines of the stage's input; and by the rows of the list, when there is one: the
 * input should be empty then. */
extern const struct stage_program intake_program;

/* Begins what is written beside the records. 0, or -1 after a message. */
int intake_begin(struct intake *intake);

/* Ends it, frees what intake owns, and says what could not be proven or scored. Returns the exit status, which was
 * `status` so far. */
int intake_end(struct intake *intake, int status);

#endif
