/* What a line of input asks for. */
#ifndef TH_SPLIT_INPUT_H
#define TH_SPLIT_INPUT_H

#include <jansson.h>

#include "common/error.h"
#include "common/stage/manifest.h"
#include "common/stage/record.h"
#include "th-split/index.h"

/* A video to be split. */
struct split_request {
    char *id;
    char *source;    /* path of the video */
    json_t *credits; /* an object: what is known of where the video is from */
};

enum split_input_kind {
    SPLIT_INPUT_VIDEO,  /* *request is set (split_input_free) */
    SPLIT_INPUT_RECORD, /* *record (a new reference) goes down the pipe */
    SPLIT_INPUT_BAD     /* error says what is wrong with the line */
};

/* Pure: looks at the line alone. */
enum split_input_kind split_input_read(const struct manifest_line *line, struct split_request *request, json_t **record,
                                       struct error *error);
void split_input_free(struct split_request *request);

/* The record of chunk number of the request's video, at path; NULL when it is not written: then it says where in the
 * video it stands. New, NULL when out of memory. */
json_t *split_record_chunk(const struct split_request *request, const struct split_index *index, size_t number,
                           const char *path, bool cached);

/* The record that closes the video. New, NULL when out of memory. */
json_t *split_record_video(const struct split_request *request, const struct split_index *index, bool cached);

/* The record of a video that was not split. New, NULL when out of memory. */
json_t *split_record_failure(const struct split_request *request, enum record_status status, const struct error *error);

#endif
