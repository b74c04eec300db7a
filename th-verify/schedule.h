/* The parent: gathers clips by chunk, starts child processes, and writes the records that they report. */
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

/* Begins zeroed except for settings and waiting.limit. */
struct verify_schedule {
    const struct verify_settings *settings;
    struct stage *stage;        /* set before verify_schedule_open; not owned */
    struct report *report;      /* of all records that are written */
    struct batch *running;      /* batches in child processes */
    struct batch_queue waiting; /* for more clips of their chunk, or for a free process */
    struct score_table scores;  /* of reconstructions */
    size_t unproven;            /* clips that should have been compared with their chunk and could not be */
};

/* Opens the report and the table of scores. 0, or -1 after a message; verify_schedule_close in both cases. */
int verify_schedule_open(struct verify_schedule *schedule);

/* Writes the table of scores, frees what schedule owns, and says what could not be proven or scored. status is the
 * stage's exit status; returns that of the program. */
int verify_schedule_close(struct verify_schedule *schedule, int status);

/* Has the clip (stolen) verified; at the level source together with others of its chunk. */
void verify_schedule_add(struct verify_schedule *schedule, struct clip *clip);

/* Starts batches that are ready while there are free processes; with `all`, also those that wait for more clips. */
void verify_schedule_start(struct verify_schedule *schedule, bool all);

/* True when every clip that was added has its record. */
bool verify_schedule_is_idle(const struct verify_schedule *schedule);

/* Writes the record (stolen) and adds it to the report if it is a verdict. */
void verify_schedule_emit(struct verify_schedule *schedule, json_t *record);

#endif
