/* The records that th-split writes. */
#ifndef TH_SPLIT_RECORD_H
#define TH_SPLIT_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "th-split/index.h"
#include "th-split/input.h"

/* The members of a record of th-fetch that every record of the video repeats; ends with NULL. */
extern const char *const split_record_credits[];

/* The record of chunk `number`, whose file is path; with path NULL it has no file, and the record has its range in the
 * video, or says that the video was discarded. New, NULL when out of memory. */
json_t *split_record_chunk(const struct split_request *request, const struct split_index *index, size_t number,
                           const char *path, bool cached);

/* The record of the video, which follows those of its chunks. New, NULL when out of memory. */
json_t *split_record_video(const struct split_request *request, const struct split_index *index, bool cached);

/* The record of a video that was not split. New, NULL when out of memory. */
json_t *split_record_failure(const struct split_request *request, enum record_status status, const struct error *error);

#endif
