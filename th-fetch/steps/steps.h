/* The steps of each video, from a line of input to its record: look, resolve, download, probe (step.h). */
#ifndef TH_FETCH_STEPS_STEPS_H
#define TH_FETCH_STEPS_STEPS_H

#include <jansson.h>
#include <poll.h>

#include "common/stage/console.h"
#include "common/stage/stage.h"
#include "common/tube_list.h"
#include "th-fetch/options.h"
#include "th-fetch/steps/item.h"

struct steps;

/* 0 and *steps (steps_free), or -1 and error. settings and console must outlive it. */
int steps_alloc(struct steps **steps, const struct fetch_settings *settings, struct console *console,
                struct error *error);

/* Aborts what runs; the parts stay. Leaves NULL; takes NULL. */
void steps_free(struct steps **steps);

/* To be called before the first step, with --needed: the list whose tubes say what is needed. It must outlive steps. */
void steps_set_tubes(struct steps *steps, const struct tube_list *tubes);

/* To be called before the first step: the stage runs the jobs and writes the records. */
void steps_set_stage(struct steps *steps, struct stage *stage);

/* Sets the first step of a new item: a look at the file when there is one, otherwise the download. */
void steps_begin(struct steps *steps, struct item *item);

/* The same with --recheck: the first step asks the resolver about the video. was_here: its record says that it was
 * downloaded, so that it is checked also when the file has been deleted since. */
void steps_begin_check(struct steps *steps, struct item *item, bool was_here);

/* Starts the item's step if it can start now; otherwise item->wake says when to call again. Afterwards the item may be
 * ITEM_DONE; then its record is written. */
void steps_advance(struct steps *steps, struct item *item);

/* Adds the credit of a record that is ok. 0, also when no credits are kept, or -1 and error. */
int steps_credit(struct steps *steps, const json_t *record, struct error *error);

/* Waits like poll(), and drives the transfers. */
int steps_wait(struct steps *steps, struct pollfd *fds, size_t count, int timeout_ms);

/* To be called when all items are done and no more come: writes the records that waited for what follows. */
void steps_release(struct steps *steps);

/* To be called when nothing runs any more: completes the list of credits. 0, or -1 and error. */
int steps_complete(struct steps *steps, struct error *error);

#endif
