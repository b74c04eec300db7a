/* Checks a video file, in a job's child: whether it is whole, and what it holds. */
#ifndef TH_FETCH_MEDIA_PROBE_H
#define TH_FETCH_MEDIA_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/jobs.h"

struct probe_request {
    const char *path;
    bool is_thorough; /* syncs the file and reads every packet; otherwise only headers and index are read */
    bool is_hashed;   /* computes sha256, which reads all of the file */
};

struct probe_result {
    struct error error; /* bad_media: not a whole video file; io, disk_full; of the job: crashed, stalled */
    int64_t bytes;
    char sha256[65]; /* "" when the file was not hashed */
    int width, height;
    double fps; /* 0: not known */
    bool has_sound;
};

/* Fills result, which is all 0. */
void probe_file(const struct probe_request *request, struct job *job, struct probe_result *result);

#endif
