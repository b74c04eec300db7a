/* Which ids are downloaded: those of this shard, and those with a suitable tube in the tube list. Also what the list
 * says about the heights of their pictures. */
#ifndef TH_FETCH_SELECTION_H
#define TH_FETCH_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/tube_list.h"
#include "th-fetch/options.h"

/* One of `count` equal shares of all ids; index counts from 0. */
struct shard {
    int64_t index, count;
};

/* Reads "I/N" (1 <= I <= N), or "slurm": the share of this task of a job array, from SLURM_ARRAY_TASK_ID, _COUNT,
 * _STEP, _MIN and _MAX. 0, or -1 and error (io). */
int selection_read_shard(const char *text, struct shard *shard, struct error *error);

/* Whether the id is in the shard. Depends on nothing but id and shard. */
bool selection_shard_holds(const struct shard *shard, const char *id);

struct selection;

/* Told of each row of the tube list that cannot be read. */
typedef void selection_bad_row(void *context, const char *file, long line, const struct error *error);

/* Reads the shard and the tube list of the settings. 0 and *selection (selection_free), or -1 and error (io). */
int selection_alloc(struct selection **selection, const struct fetch_settings *settings, selection_bad_row *on_bad_row,
                    void *context, struct error *error);

/* Leaves NULL; takes NULL. */
void selection_free(struct selection **selection);

/* The tube list, with --needed; otherwise NULL. Owned by the selection. */
const struct tube_list *selection_tubes(const struct selection *selection);

/* Whether the tube is consistent, and as large and as long as the settings want it. Pure. */
bool selection_passes(const struct tube *tube, const struct fetch_settings *settings);

/* Whether the id is in this run's shard. */
bool selection_is_ours(const struct selection *selection, const char *id);

/* 0 when the video has a tube that passes, otherwise -1 and error (not_selected). */
int selection_check(const struct selection *selection, const char *id, struct error *error);

/* The height in pixels of the picture that the tube list was made from, the largest among the video's rows; 0 when it
 * is not known. */
int64_t selection_height(const struct selection *selection, const char *id);

#endif
