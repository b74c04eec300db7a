/* Which of the ids that come are wanted: those of this shard, and those that a tube list has a use for. */
#ifndef TH_FETCH_SELECTION_H
#define TH_FETCH_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "th-fetch/options.h"

/* One of `count` equal shares of all ids, from 0. */
struct shard {
    int64_t index, count;
};

/* Reads "I/N" (1 <= I <= N), or "slurm": what SLURM_ARRAY_TASK_ID, _COUNT and _STEP in the environment say, whatever
 * number the array begins with. 0, or -1 and error (io) says what was expected. */
int selection_read_shard(const char *text, struct shard *shard, struct error *error);

/* Whether the id is in the shard. The same for each list that the id is in, and on each machine. */
bool selection_shard_holds(const struct shard *shard, const char *id);

struct selection;

/* Told of each row of the tube list that cannot be read. */
typedef void selection_bad_row(void *context, const char *file, long line, const struct error *error);

/* Reads the shard and the tube list of the settings. 0 and *selection (selection_free), or -1 and error (io). */
int selection_alloc(struct selection **selection, const struct fetch_settings *settings, selection_bad_row *on_bad_row,
                    void *context, struct error *error);

/* Leaves NULL; takes NULL. */
void selection_free(struct selection **selection);

/* Whether the id is this run's business at all: another run has it otherwise. */
bool selection_is_ours(const struct selection *selection, const char *id);

/* 0 when the video has a tube that passes, otherwise -1 and error (not_selected). */
int selection_check(const struct selection *selection, const char *id, struct error *error);

#endif
