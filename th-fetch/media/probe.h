/* A look at a video file, in a job's child: is it whole, and what is in it. */
#ifndef TH_FETCH_MEDIA_PROBE_H
#define TH_FETCH_MEDIA_PROBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/output/output_file.h"
#include "common/stage/jobs.h"

struct probe_request {
    const char *path;
    /* A regular file on another file system that is to be moved to path first; NULL: path is there. */
    const char *from;
    const char *audio;          /* a file of sound that is to be joined to path first; NULL: there is none */
    struct output_file *joined; /* with audio: what the two become, and what is then looked at */
    /* Reads all of it: syncs it, hashes it, takes every packet out. Otherwise only headers and index are looked at. */
    bool is_thorough;
    bool has_no_hash; /* but does not hash it */
};

struct probe_result {
    struct error error; /* bad_media: not a whole video file; io, disk_full; crashed or stalled are the job's to say */
    int64_t bytes;
    char sha256[65]; /* "" when it was not thorough */
    int width, height;
    double fps; /* 0: not known */
};

/* Reports one record. 0, or -1 when nothing could be reported. */
int probe_run(const struct probe_request *request, struct job *job);

/* A request in words (new), for probe_serve, which does the same as probe_run. NULL when it is one that writes, or a
 * path is not UTF-8. */
json_t *probe_order(const struct probe_request *request);
int probe_serve(struct job *job, const json_t *order);

/* In the parent: reads the report (NULL: there is none) of a child that has ended with fault (NULL: it ended well). */
void probe_read_report(const json_t *report, const struct error *fault, struct probe_result *result);

#endif
