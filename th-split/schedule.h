/* The parent process: takes lines, starts one child per video, writes records. */
#ifndef TH_SPLIT_SCHEDULE_H
#define TH_SPLIT_SCHEDULE_H

#include "common/stage/stage.h"
#include "common/tube_list.h"
#include "th-split/options.h"

struct split_schedule;

extern const struct stage_program split_schedule_program;

/* settings must outlive the result. NULL when out of memory. */
struct split_schedule *split_schedule_alloc(const struct split_settings *settings);
void split_schedule_free(struct split_schedule **schedule);

/* Sets the stage and the tube list (NULL: none) before stage_run; the caller keeps both. */
void split_schedule_serve(struct split_schedule *schedule, struct stage *stage, const struct tube_list *tubes);

#endif
