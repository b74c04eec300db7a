/* The splitting of one video, as its child process does it. */
#ifndef TH_SPLIT_JOB_H
#define TH_SPLIT_JOB_H

#include <jansson.h>
#include <stdbool.h>

#include "common/stage/jobs.h"
#include "common/tube_list.h"
#include "th-split/index.h"
#include "th-split/input.h"

struct split_work {
    struct split_request request;
    const char *dir;
    double seconds;
    bool no_copy;                  /* no chunk is to be written */
    const struct tube_list *tubes; /* NULL: all chunks are wanted */
    struct split_index *known;     /* of an earlier run with this source and these seconds; may be NULL */
};

/* The folder within the output folder that holds the index files. */
extern const char split_job_index_dir[];

/* Path of the video's index in new memory, NULL when out of memory. */
char *split_job_index_path(const struct split_work *work);

/* Whether a tube names chunk number (or there is no tube list). */
bool split_job_is_listed(const struct split_work *work, size_t number);

/* Whether chunk number can be passed on as the index has it: it is written, or need not be. */
bool split_job_is_done(const struct split_work *work, const struct split_index *index, size_t number);

/* The record of a chunk that is done. New, NULL when out of memory. */
json_t *split_job_chunk_record(const struct split_work *work, const struct split_index *index, size_t number,
                               bool cached);

/* Splits, writes the index, reports the records; the video's is the last. 0 when all was reported. */
int split_job_run(const struct split_work *work, struct job *job);

#endif
