/* The stage in its parent process: takes lines, starts one child for each video, writes records. */
#ifndef TH_SPLIT_SCHEDULE_H
#define TH_SPLIT_SCHEDULE_H

#include "common/stage/stage.h"
#include "common/tube_list.h"
#include "th-split/options.h"

struct split_schedule;

extern const struct stage_program split_schedule_program;

/* settings must outlive it. NULL when out of memory. */
struct split_schedule *split_schedule_alloc(const struct split_settings *settings);
void split_schedule_free(struct split_schedule **schedule);

/* Before the stage runs: the stage that split serves, and the tube list (NULL for none); both stay the caller's. */
void split_schedule_serve(struct split_schedule *schedule, struct stage *stage, const struct tube_list *tubes);

#endif
