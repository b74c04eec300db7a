/* The work on clips in the parent: they are gathered by chunk and handed to child processes, and what these say becomes
 * records. */
#ifndef TH_VERIFY_SCHEDULE_H
#define TH_VERIFY_SCHEDULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/stage/stage.h"
#include "th-verify/batch_queue.h"
#include "th-verify/clip.h"
#include "th-verify/options.h"
#include "th-verify/report/report.h"
#include "th-verify/report/score_table.h"

struct item;

/* Begins zeroed but for settings and batches.limit. */
struct dispatch {
    const struct settings *settings;
    struct stage *stage;    /* set before dispatch_begin */
    struct report *report;  /* of all records that are written */
    struct item *running;   /* what is being looked at */
    struct batches batches; /* what waits for others of its chunk, or for a free process */
    struct scores scores;   /* of reconstructions */
    size_t unproven;        /* clips that could not be held against their chunk, though they should be */
};

/* Begins what is written beside the records. 0, or -1 after a message; dispatch_end in both cases. */
int dispatch_begin(struct dispatch *dispatch);

/* Ends it, frees what dispatch owns, and says what could not be proven or scored. Returns the exit status, which was
 * `status` so far. */
int dispatch_end(struct dispatch *dispatch, int status);

/* Has the clip (stolen) verified, together with others of its chunk when that is to be decoded. */
void dispatch_clip(struct dispatch *dispatch, struct clip *clip);

/* Starts the work on what is ready, as far as there are free processes; with `all`, on what waits for others, too. */
void dispatch_advance(struct dispatch *dispatch, bool all);

/* True when every clip that was handed over has its record. */
bool dispatch_is_idle(const struct dispatch *dispatch);

/* Writes the record (stolen), which the report is told of if it is a verdict. */
void dispatch_emit(struct dispatch *dispatch, json_t *record);

#endif
