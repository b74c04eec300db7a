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
struct verify_schedule {
    const struct verify_settings *settings;
    struct stage *stage;        /* set before verify_schedule_open */
    struct report *report;      /* of all records that are written */
    struct item *running;       /* what is being looked at */
    struct batch_queue batches; /* what waits for others of its chunk, or for a free process */
    struct score_table scores;  /* of reconstructions */
    size_t unproven;            /* clips that could not be held against their chunk, though they should be */
};

/* Begins what is written beside the records. 0, or -1 after a message; verify_schedule_close in both cases. */
int verify_schedule_open(struct verify_schedule *schedule);

/* Ends it, frees what schedule owns, and says what could not be proven or scored. Returns the exit status, which was
 * `status` so far. */
int verify_schedule_close(struct verify_schedule *schedule, int status);

/* Has the clip (stolen) verified, together with others of its chunk when that is to be decoded. */
void verify_schedule_add(struct verify_schedule *schedule, struct clip *clip);

/* Starts the work on what is ready, as far as there are free processes; with `all`, on what waits for others, too. */
void verify_schedule_start(struct verify_schedule *schedule, bool all);

/* True when every clip that was handed over has its record. */
bool verify_schedule_is_idle(const struct verify_schedule *schedule);

/* Writes the record (stolen), which the report is told of if it is a verdict. */
void verify_schedule_emit(struct verify_schedule *schedule, json_t *record);

#endif
