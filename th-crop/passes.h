/* The passes over a chunk: decodes frames and hands them to the clips that need them. */
#ifndef TH_CROP_PASSES_H
#define TH_CROP_PASSES_H

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

/* One clip of the job. */
struct clip_task {
    struct thread_pool_queue queue; /* first member: a pointer to it is a pointer to the clip */
    const struct plan_request *request;
    struct tube tube;     /* its frames are those of the clip: without what --trim-edges takes off */
    size_t index;         /* of the request in the job */
    char *path, *made_at; /* the clip's final path, and where it is made */
    struct box box;
    struct clip_facts facts;    /* for the record: as far as they are known */
    struct clip_writer *writer; /* NULL before the clip's first frame and after its last one */
    bool is_done;               /* its record has been sent */
};

/* What the threads of a job share. */
struct crop_worker {
    const struct crop_job *item;
    struct job *job;
    struct decoder *decoder;
    struct chunk_file *file;
    struct sound *sound;   /* NULL when clips get none */
    char sound_note[240];  /* for the records: why there is no sound, or that it was encoded */
    struct rotate *rotate; /* NULL when pictures are shown as they are coded */
    struct thread_pool_task task;
    struct thread_pool *pool;
    struct clip_task *clips;           /* item->count of them */
    struct thread_pool_queue **queues; /* room for as many; those that get the current frame */
    size_t left;                       /* clips that are not done */
    int64_t end;                       /* frames of a chunk that ended too early; set with out_of_range */
    pthread_mutex_t lock;              /* while the pool works: of job, left and every is_done */
    pthread_mutex_t encoder_lock;      /* held while an encoder is opened: some fill static tables */
};

/* Decodes until no clip needs more. Clips that are not done afterwards have no writer and fail with error. */
void passes_run(struct crop_worker *worker, struct error *error);

/* Sets error to out_of_range and returns -1. frames: how many the chunk has. */
int passes_too_short(int64_t frames, const struct tube *tube, struct error *error);

#endif
