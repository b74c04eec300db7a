/* The steps of a video's way, from a line of input to its record: look, resolve, transfer, probe. What each needs is
 * here once for all videos. */
#ifndef TH_FETCH_STEPS_STEPS_H
#define TH_FETCH_STEPS_STEPS_H

#include <jansson.h>
#include <poll.h>

#include "common/stage/console.h"
#include "common/stage/stage.h"
#include "th-fetch/options.h"
#include "th-fetch/steps/item.h"

struct steps;

/* 0 and *steps (steps_free), or -1 and error. settings and console must outlive it. */
int steps_alloc(struct steps **steps, const struct fetch_settings *settings, struct console *console,
                struct error *error);

/* Aborts what runs; the parts stay. Leaves NULL; takes NULL. */
void steps_free(struct steps **steps);

/* To be called before the first step: where jobs are started and records are written. */
void steps_set_stage(struct steps *steps, struct stage *stage);

/* Sets a new item on its way: to a look at the file when it is there, otherwise to its download. */
void steps_begin(struct steps *steps, struct item *item);

/* Sets a new item on its way to a question about a video that is there. was_here: it counts as such, also when its file
 * has been deleted since. */
void steps_begin_check(struct steps *steps, struct item *item, bool was_here);

/* Starts the item's step if that is possible now; otherwise item->wake says when to ask again. An item whose step is
 * ITEM_DONE afterwards is through. */
void steps_advance(struct steps *steps, struct item *item);

/* Adds the credit of a record that is ok. 0, also when no credits are kept, or -1 and error. */
int steps_credit(struct steps *steps, const json_t *record, struct error *error);

/* Waits as poll() does, and serves the transfers. */
int steps_wait(struct steps *steps, struct pollfd *fds, size_t count, int timeout_ms);

/* To be called when nothing runs any more: completes the list of credits. 0, or -1 and error. */
int steps_complete(struct steps *steps, struct error *error);

#endif
