/* The stage's own part: each video goes its way from look over resolve, transfer and probe to its record. */
#ifndef TH_FETCH_SCHEDULE_H
#define TH_FETCH_SCHEDULE_H

#include "common/stage/console.h"
#include "common/stage/stage.h"
#include "th-fetch/options.h"

struct fetch;

/* What stage_alloc takes; its self is the struct fetch. */
extern const struct stage_program schedule_program;

/* NULL after a message. settings and console must outlive it. */
struct fetch *fetch_alloc(const struct fetch_settings *settings, struct console *console);

/* To be called after stage_run, however that ended: completes what is kept beside the videos. 0, or -1 and error. */
int fetch_finish(struct fetch *fetch, struct error *error);

/* Leaves NULL; takes NULL. What is being downloaded stays as a part. */
void fetch_free(struct fetch **fetch);

/* To be called before stage_run. */
void fetch_set_stage(struct fetch *fetch, struct stage *stage);

#endif
