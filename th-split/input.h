/* Turns a line of input into a request. */
#ifndef TH_SPLIT_INPUT_H
#define TH_SPLIT_INPUT_H

#include <jansson.h>

#include "common/error.h"
#include "common/stage/manifest.h"

/* A video to be split. */
struct split_request {
    char *id;
    char *source;    /* path of the video; NULL: it was discarded, and its index answers for it */
    json_t *credits; /* object: the members of split_record_credits that are known */
};

enum split_input_kind {
    SPLIT_INPUT_VIDEO,  /* *request is set; free it with split_input_free */
    SPLIT_INPUT_RECORD, /* *record, a new reference, is passed on */
    SPLIT_INPUT_BAD     /* error says what is wrong with the line */
};

/* Reads the line; touches no file. */
enum split_input_kind split_input_read(const struct manifest_line *line, struct split_request *request, json_t **record,
                                       struct error *error);
void split_input_free(struct split_request *request);

#endif
