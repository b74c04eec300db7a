/* What the work on one chunk shares: its tubes, and what is told of them. */
#ifndef TH_CROP_JOB_INTERNAL_H
#define TH_CROP_JOB_INTERNAL_H

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
struct clip_task {
    struct thread_pool_queue queue; /* first, so that a pointer to it is one to the clip */
    const struct tube_request *request;
    struct tube tube; /* what of it is clip: without the edges that are taken off */
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
    struct thread_pool_task task;
    struct thread_pool *pool;
    struct clip_task *clips;           /* order->count of them */
    struct thread_pool_queue **queues; /* as many; those that a frame goes to */
    size_t left;                       /* clips that are not done */
    pthread_mutex_t lock;              /* of the job, of left and of what is done, while the pool works */
    pthread_mutex_t opening;           /* encoders are opened one at a time: some fill tables of their own */
};

/* Every clip that is not done fails with error. */
void crop_job_fail_rest(struct crop_worker *worker, const struct error *error);

/* Sets error to out_of_range and returns -1. */
int crop_job_too_short(int64_t frames, struct error *error);

#endif
