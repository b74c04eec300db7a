/* Threads that share the work on the frames of a chunk.
 *
 * Frames come one after the other and go to queues, one for each clip. Each queue's frames are worked on in order and
 * one at a time, by whichever thread is free, so that what comes out does not depend on the number of threads. The
 * thread that gives frames works, too, when too many wait. */
#ifndef TH_CROP_THREAD_POOL_H
#define TH_CROP_THREAD_POOL_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    THREAD_POOL_FRAMES = 6,      /* frames that wait or are worked on: at 1280x720, 1.4 MB each */
    THREAD_POOL_THREADS_MAX = 15 /* threads beside the one that gives */
};

/* A frame on its way through its queues. */
struct thread_pool_frame {
    AVFrame *frame;
    int64_t number;
    int users; /* queues that have it yet to work on */
};

/* The caller's, one for each clip; all zero at first. */
struct thread_pool_queue {
    struct thread_pool_queue *next; /* of those that wait for a thread */
    struct thread_pool_frame *frames[THREAD_POOL_FRAMES];
    int first, count;
    bool is_busy; /* waits for a thread, or has one */
};

struct thread_pool_task {
    /* Works on a frame of a queue; called by any thread. */
    void (*work)(void *self, struct thread_pool_queue *queue, const AVFrame *frame, int64_t number);
    /* How many threads may work just now, that one which gives frames included; called by any thread. */
    int (*processors)(void *self);
    void *self;
};

struct thread_pool;

/* A pool with at most that many threads; fewer when there is no room for their threads. With none, the giver works on
 * several frames of a queue after another. task must outlive it. NULL when out of memory. */
struct thread_pool *thread_pool_alloc(const struct thread_pool_task *task, int threads);

/* Ends the threads; all work must be done (thread_pool_finish). Leaves NULL; takes NULL. */
void thread_pool_free(struct thread_pool **pool);

/* Gives the frame, of which a reference is kept, to count queues. 0, or -1 when out of memory; then none has it. */
int thread_pool_give(struct thread_pool *pool, struct thread_pool_queue *const *queues, size_t count,
                     const AVFrame *frame, int64_t number);

/* Works until all that was given is done. */
void thread_pool_finish(struct thread_pool *pool);

#endif
