/* The parent: gathers clips by chunk, starts child processes, and writes the records that they report. */
#ifndef TH_VERIFY_SCHEDULE_H
#define TH_VERIFY_SCHEDULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/stage/stage.h"
#include "th-verify/clip.h"
#include "th-verify/finished.h"
#include "th-verify/options.h"
#include "th-verify/report/report.h"
#include "th-verify/report/score_table.h"

enum { BATCH_MAX = 64 }; /* clips */

/* Clips of one chunk, so that it is decoded once for all of them. */
struct batch {
    struct clip *clips[BATCH_MAX]; /* owned; NULL for those that are done */
    size_t count;
    double touched; /* when the last clip came, in clock_seconds() */
    bool is_ready;  /* waits for no other clip */
    struct batch *next;
    struct verify_schedule *schedule; /* that runs it; not owned */
};

/* Batches that wait, the oldest first. Begins zeroed except for limit. */
struct batch_queue {
    struct batch *first;
    size_t count; /* batches */
    size_t limit; /* when there are more, the least recently touched one waits no longer */
};

/* Adds the clip (stolen on success): with `gather` to a batch of the same source, otherwise as a batch that is ready.
 * 0, or -1 when out of memory. */
int verify_schedule_gather(struct batch_queue *batches, struct clip *clip, bool gather, double time);

/* Moves the clips that batch still has into batches of one clip each. 0, or -1 when out of memory: then batch keeps the
 * rest. */
int verify_schedule_split(struct batch_queue *batches, struct batch *batch);

/* Takes the first batch (verify_schedule_free) that is ready: full, without a chunk, or untouched for five seconds,
 * since th-crop's records of a chunk come one by one; with `all`, any. When none is and there are more than limit,
 * takes the least recently touched one. NULL when none is taken. */
struct batch *verify_schedule_next(struct batch_queue *batches, double time, bool all);

/* Frees all that wait. */
void verify_schedule_clear(struct batch_queue *batches);

/* Frees *batch and leaves NULL; takes NULL. */
void verify_schedule_free(struct batch **batch);

/* Begins zeroed except for settings and waiting.limit. */
struct verify_schedule {
    const struct verify_settings *settings;
    struct stage *stage;        /* set before verify_schedule_open; not owned */
    struct report *report;      /* of all records that are written */
    struct batch *running;      /* batches in child processes */
    struct batch_queue waiting; /* for more clips of their chunk, or for a free process */
    struct finished *finished;  /* told of each verdict; NULL: nobody is */
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
