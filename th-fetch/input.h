/* What a line of input asks for: a video id and the URL that stands for it. Pure functions. */
#ifndef TH_FETCH_INPUT_H
#define TH_FETCH_INPUT_H

#include <stdbool.h>

#include "common/error.h"

/* One video. Owns its texts (fetch_input_clear). */
struct fetch_input {
    char *id;       /* passed name_check_id */
    char *url;      /* a page for the resolver, or the file itself when direct */
    bool is_direct; /* url is downloaded as it is, no resolver is asked */
};

/* 0 when url_template is an http, https or file URL that holds {id}, otherwise -1 and error. */
int fetch_input_check_template(const char *url_template, struct error *error);

/* From a plain line: an id, or a URL (http, https, file) whose id is the `v` of a watch page, else the last component
 * of its path without its extension. White space around it is passed over. With url_template (NULL: none) only the id
 * counts. 0 and *input, or -1 and error (bad_id). */
int fetch_input_from_text(struct fetch_input *input, const char *text, const char *url_template, struct error *error);

/* From a record: its key and its url (NULL or one that cannot be used: the watch page of the key). As above. */
int fetch_input_from_record(struct fetch_input *input, const char *key, const char *url, const char *url_template,
                            struct error *error);

/* Frees its texts and makes it empty. */
void fetch_input_clear(struct fetch_input *input);

#endif
