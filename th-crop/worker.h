/* What the work on one chunk shares: its tubes, and what is told of them. */
#ifndef TH_CROP_WORKER_H
#define TH_CROP_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/av/rotate.h"
#include "common/cut/chunk_file.h"
#include "th-crop/decode/decoder.h"
#include "th-crop/encode/clip_writer.h"
#include "th-crop/job.h"
#include "th-crop/thread_pool.h"

/* One tube on its way. */
struct cut {
    struct crew_lane lane; /* first, so that a pointer to it is one to the cut */
    const struct want *want;
    struct tube tube; /* what of it is cut: without the edges that are taken off */
    size_t index;
    char *path;
    struct box box;
    int width, height;          /* of the chunk's picture */
    struct clip_writer *writer; /* from the first frame to the last */
    bool is_done;               /* its record has been sent */
};

struct crop_worker {
    const struct crop_job *order;
    struct job *job;
    struct decoder *decoder;
    struct chunk_file *file;
    struct sound *sound;   /* NULL when clips get none */
    char sound_note[240];  /* what became of the chunk's sound, when that is worth saying */
    struct rotate *rotate; /* NULL when pictures stand as they are coded */
    struct crew_task task;
    struct crew *crew;
    struct cut *cuts;         /* order->count of them */
    struct crew_lane **lanes; /* as many; those that a frame goes to */
    size_t left;              /* cuts that are not done */
    pthread_mutex_t lock;     /* of the job, of left and of what is done, while the crew works */
    pthread_mutex_t opening;  /* encoders are opened one at a time: some fill tables of their own */
};

/* Those that send something take the worker's lock. */

void worker_say_alive(struct crop_worker *worker);

/* The cut is done: it has failed, or is skipped when error is not_selected. */
void worker_report_failure(struct crop_worker *worker, struct cut *cut, const struct error *error);

/* The cut is done: its clip is there. has_box: the cut's box is set. */
void worker_report_clip(struct crop_worker *worker, struct cut *cut, const struct clip_made *made, bool cached,
                        bool has_box);

/* Every cut that is not done fails with error. */
void worker_fail_rest(struct crop_worker *worker, const struct error *error);

/* The tube's box in pictures of that kind. 0, or -1 and error. */
int worker_find_box(const struct crop_worker *worker, struct cut *cut, int width, int height, int format,
                    struct error *error);

/* Sets error to out_of_range and returns -1. */
int worker_say_too_short(int64_t frames, struct error *error);

/* Records what needs no decoding: clips that are there, and tubes that are left out or make no sense. opened: why the
 * chunk could not be opened, or NULL. */
void worker_settle(struct crop_worker *worker, const struct error *opened);

#endif
