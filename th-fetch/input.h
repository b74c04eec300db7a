/* What a line of input asks for. Pure functions. */
#ifndef TH_FETCH_INPUT_H
#define TH_FETCH_INPUT_H

#include <stdbool.h>

#include "common/error.h"
#include "common/stage/manifest.h"

/* One line. Owns its texts (fetch_input_clear). */
struct fetch_input {
    enum {
        FETCH_INPUT_GET,    /* download the video, or check it with --recheck */
        FETCH_INPUT_PASS_ON /* write the record as it is */
    } intent;
    char *id;        /* passed name_check_id; NULL for a record of another stage */
    char *url;       /* a page for the resolver, or the file itself when is_direct */
    char *shown_url; /* url without user name and password, for records and messages */
    bool is_direct;  /* url is downloaded as it is, no resolver is asked */
    bool was_here;   /* a record that says that the video was downloaded */
};

/* 0 when url_template is an http, https or file URL that holds {id}, otherwise -1 and error. */
int fetch_input_check_template(const char *url_template, struct error *error);

/* Reads a line: an id; a URL of YouTube, which stands for the id in it; another URL (http, https, file), whose id
 * is the `v` of a watch page, else the last component of its path without its extension; or a record, whose key is the
 * id, and whose url is taken when it is a good one. An id without a URL stands for its watch page. With url_template
 * (NULL: none) only the id counts. With is_recheck records that are ok are not passed on. 0, or -1 and error (bad_id,
 * io); then input is empty. */
int fetch_input_read(struct fetch_input *input, const struct manifest_line *line, const char *url_template,
                     bool is_recheck, struct error *error);

/* Frees its texts and makes it empty. */
void fetch_input_clear(struct fetch_input *input);

#endif
