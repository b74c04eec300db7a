/* A resolver's answer: the JSON object that `yt-dlp -J` prints. Nothing in it is trusted. Pure functions. */
#ifndef TH_FETCH_SOURCE_ANSWER_H
#define TH_FETCH_SOURCE_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/* One stream to download. The texts are the answer's. */
struct answer_media {
    const char *url; /* http or https, without white space and control characters; NULL when it comes in segments */
    const char *segments; /* the protocol of a format that comes in segments; NULL: a plain download */
    const char *format;   /* the source's name of the format; NULL: none */
    int64_t height;       /* of the picture in pixels; 0: not known */
    bool is_silent;       /* the source says that it holds no sound */
    char **headers;       /* "Name: value", ended by NULL, without those that the transfer sets */
    int64_t size;         /* about how many bytes it has; 0: not known */
    int64_t piece;        /* bytes of each request, for hosts that slow longer ones down; 0: no pieces */
};

/* What to download, and what is known about it. Unknown texts are NULL. */
struct answer {
    json_t *json;              /* owns the texts */
    const char *path;          /* a file that the resolver downloaded itself; then media is empty */
    struct answer_media media; /* the video */
    struct answer_media audio; /* its sound, when that is a file of its own and answer_read_audio found it */
    double available_at;       /* Unix time before which the server refuses to send one of the two; 0: not said */
    const char *title, *uploader, *license;
    const char *upload_date; /* YYYYMMDD */
};

/* The members of object that answer_read reads, as a new object (json_decref): about 1 kB of the 1 MB that a page's
 * answer can have. NULL when out of memory. */
json_t *answer_trim(const json_t *object);

/* Reads json (a reference is kept). 0 and *answer (answer_free), or -1 and error: resolver (it makes no sense, or a
 * text could inject a header), no_format (it holds no http or https download of video). */
int answer_read(struct answer **answer, json_t *json, struct error *error);

/* Sets answer->audio to the first format that holds only sound. 0, also when there is none, or -1 and error as above.
 */
int answer_read_audio(struct answer *answer, struct error *error);

/* 0 when each stream is a plain download, or a file that is there; otherwise -1 and error (no_format). */
int answer_check_plain(const struct answer *answer, struct error *error);

/* Whether the video is one of YouTube's formats that software has enlarged: their names end in "-sr". */
bool answer_is_upscaled(const struct answer *answer);

/* Leaves NULL; takes NULL. */
void answer_free(struct answer **answer);

#endif
