/* A resolver's answer: the JSON object that `yt-dlp -J` prints, read with suspicion. Pure functions. */
#ifndef TH_FETCH_SOURCE_ANSWER_H
#define TH_FETCH_SOURCE_ANSWER_H

#include <jansson.h>
#include <stdint.h>

#include "common/error.h"

/* One stream to download. The texts are the answer's. */
struct answer_media {
    const char *url;    /* http or https, without white space and control characters */
    const char *format; /* the source's name of the format; NULL when it has none */
    char **headers;     /* "Name: value", ended by NULL; none that the transfer sets itself */
    int64_t piece;      /* bytes of a request, because the host slows longer ones down; 0: no pieces */
};

/* What to download, and what is known of it. Texts that are not known are NULL. */
struct answer {
    json_t *json;              /* keeps the texts alive */
    const char *path;          /* a file that the resolver downloaded itself; then media is empty */
    struct answer_media media; /* the video */
    struct answer_media audio; /* its sound, when that is a file of its own and answer_read_audio found it */
    const char *title, *uploader, *license;
    const char *upload_date; /* YYYYMMDD */
};

/* Those members of object that answer_read reads, as a new object (json_decref). A page's answer can be a megabyte, of
 * which this is a thousandth. NULL when out of memory. */
json_t *answer_trim(const json_t *object);

/* Reads json (a reference is kept). 0 and *answer (answer_free), or -1 and error: resolver (it makes no sense, or would
 * inject something), no_format (there is no plain http or https download of video in it). */
int answer_read(struct answer **answer, json_t *json, struct error *error);

/* Looks for sound to be joined to the video: the first of the formats that holds sound only. 0, also when there is
 * none, or -1 and error as above. */
int answer_read_audio(struct answer *answer, struct error *error);

/* Leaves NULL; takes NULL. */
void answer_free(struct answer **answer);

#endif
