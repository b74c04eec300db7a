/* The work of the child process: splits one video. */
#ifndef TH_SPLIT_JOB_H
#define TH_SPLIT_JOB_H

#include <jansson.h>
#include <stdbool.h>

#include "common/stage/jobs.h"
#include "common/tube_list.h"
#include "th-split/index.h"
#include "th-split/input.h"

/* One video and what to do with it. */
struct split_work {
    struct split_request request;
    const char *dir;
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

/* Splits the video, writes its index and reports the records; that of the video is the last. 0 when all were reported.
 */
int split_job_run(const struct split_work *work, struct job *job);

#endif
