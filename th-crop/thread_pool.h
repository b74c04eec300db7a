/* A thread pool that encodes the frames of a chunk.
 *
 * Each clip has a queue. The frames of a queue are worked on in order and one at a time, by any thread, so that the
 * result does not depend on the number of threads. The thread that gives frames works too when the pool is full. */
#ifndef TH_CROP_THREAD_POOL_H
#define TH_CROP_THREAD_POOL_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    THREAD_POOL_FRAMES = 6,      /* frames in the pool at most; a frame of 1280x720 takes 1.4 MB */
    THREAD_POOL_THREADS_MAX = 15 /* besides the one that gives frames */
};

/* A frame in the pool. */
struct thread_pool_frame {
    AVFrame *frame;
    int64_t number;
    int users; /* queues that have not worked on it yet */
};

/* Owned by the caller, one for each clip; all zero at first. */
struct thread_pool_queue {
    struct thread_pool_queue *next;                       /* in the list of queues that wait for a thread */
    struct thread_pool_frame *frames[THREAD_POOL_FRAMES]; /* a ring: count of them, from index first on */
    int first, count;
    bool is_busy; /* in that list, or a thread works on it */
};

struct thread_pool_task {
    /* Works on a frame of a queue. Called by any thread. */
    void (*work)(void *self, struct thread_pool_queue *queue, const AVFrame *frame, int64_t number);
    /* How many threads may work at present, including the one that gives frames. Called by any thread. */
    int (*processors)(void *self);
    void *self;
};

struct thread_pool;

/* Starts up to that many threads; fewer when the system has no room for them. With none, all work is done in
 * thread_pool_give and thread_pool_finish. task must outlive the pool. NULL when out of memory. */
struct thread_pool *thread_pool_alloc(const struct thread_pool_task *task, int threads);

/* Ends the threads. Call thread_pool_finish first. Leaves NULL; takes NULL. */
void thread_pool_free(struct thread_pool **pool);

/* Adds a reference to frame to count queues. 0, or -1 when out of memory; then no queue has it. */
int thread_pool_give(struct thread_pool *pool, struct thread_pool_queue *const *queues, size_t count,
                     const AVFrame *frame, int64_t number);

/* Returns when the work on all frames is done. */
void thread_pool_finish(struct thread_pool *pool);

#endif
