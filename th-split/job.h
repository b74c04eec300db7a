/* The work on one video: a child cuts it, and the parent gives the chunks their names. */
#ifndef TH_SPLIT_JOB_H
#define TH_SPLIT_JOB_H

#include <jansson.h>
#include <stdbool.h>

#include "common/output/work_folder.h"
#include "common/stage/jobs.h"
#include "common/tube_list.h"
#include "th-split/index.h"
#include "th-split/input.h"

/* One video and what to do with it. */
struct split_work {
    struct split_request request;
    const char *dir;
    struct work_folder *folder; /* owned; within dir, where the child writes; NULL: no child was started */
    double seconds;
    bool no_copy;                  /* write no chunk */
    const struct tube_list *tubes; /* NULL: write all chunks */
    struct split_index *known;     /* owned; of an earlier run with the same source and seconds; may be NULL */
};

/* The name of the folder in the output folder that holds the index files. */
extern const char split_job_index_dir[];

/* The path of the video's index file. New, NULL when out of memory. */
char *split_job_index_path(const struct split_work *work);

/* True when a tube names chunk `number`, or when there is no tube list. */
bool split_job_is_listed(const struct split_work *work, size_t number);

/* True when chunk `number` needs no work: its file is there, or with no_copy its range is known. */
bool split_job_is_done(const struct split_work *work, const struct split_index *index, size_t number);

/* The record of a chunk that needs no more work. New, NULL when out of memory. */
json_t *split_job_chunk_record(const struct split_work *work, const struct split_index *index, size_t number,
                               bool cached);

/* In the child: cuts the video into chunks and an index in the folder. Reports {"stale": [NUMBER, ...]}, the chunks of
 * earlier runs that are no longer needed, or the record of a failure. 0 when that was reported. */
int split_job_run(const struct split_work *work, struct job *job);

/* In the parent, after {"stale": ...} was reported: loads the index, gives it and the chunks their names, and removes
 * the stale chunks. 0 and *index (split_index_free), or -1 and error. */
int split_job_finish(const struct split_work *work, const json_t *stale, struct split_index **index,
                     struct error *error);

#endif
