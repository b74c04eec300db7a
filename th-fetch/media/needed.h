/* Finds the bytes of a video that the tubes of a list need, from the part of it that has been downloaded so far. */
#ifndef TH_FETCH_MEDIA_NEEDED_H
#define TH_FETCH_MEDIA_NEEDED_H

#include "common/error.h"
#include "common/output/byte_ranges.h"
#include "common/stage/jobs.h"
#include "common/tube_list.h"
#include "th-fetch/options.h"

struct needed_request {
    const char *path;                      /* of the partly downloaded video (common/cut/partial_file.h) */
    const char *id;                        /* of the video */
    const struct tube_list *tubes;         /* those of the video are looked at */
    const struct fetch_settings *settings; /* only tubes that pass are looked at (selection_passes) */
};

enum needed_kind {
    NEEDED_MORE, /* download `wanted`, then ask again */
    NEEDED_DONE, /* all is there */
    NEEDED_WHOLE /* download all of it; `why` says why parts are not enough */
};

struct needed_answer {
    enum needed_kind kind;
    struct byte_ranges wanted; /* owned; some of it may be there */
    char why[480];             /* a clause */
    /* With NEEDED_DONE: */
    int64_t bytes;     /* that are there */
    int width, height; /* pixels */
    double fps;        /* 0 when not known */
};

/* Sets *answer (needed_clear). 0, or -1 and error (io) when the file or its note cannot be read.
 *
 * The clips are then the same as from the whole video. The chunks are cut where those of the whole video are, and
 * th-crop decodes the same packets. Packets that are not read are taken for what the container says of them: one
 * picture each, and a key frame where it is marked so. What is read is compared with that. */
int needed_find(const struct needed_request *request, struct job *job, struct needed_answer *answer,
                struct error *error);

void needed_clear(struct needed_answer *answer);

#endif
