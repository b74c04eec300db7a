#include "th-crop/thread_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    STACK_SIZE = 2 << 20, /* bytes */
    LOOK_MS = 100         /* how often an idle thread checks whether a processor has become free */
};

struct thread_pool {
    const struct thread_pool_task *task;
    pthread_t threads[THREAD_POOL_THREADS_MAX];
    int thread_count;
    int active; /* threads that work, of these */
    bool is_ending;
    struct thread_pool_frame frames[THREAD_POOL_FRAMES];
    int frames_out;                         /* those with users */
    struct thread_pool_queue *first, **end; /* list of queues that wait for a thread */
    pthread_mutex_t lock;                   /* of all above */
    pthread_cond_t work_came, frame_done;
};

/* Puts the queue at the end of those that wait for a thread, or in front of them. */
static void enqueue(struct thread_pool *pool, struct thread_pool_queue *queue, bool in_front)
{
    struct thread_pool_queue **place = in_front ? &pool->first : pool->end;

    queue->next = *place;
    *place = queue;
    if (!queue->next)
        pool->end = &queue->next;
    pthread_cond_signal(&pool->work_came);
}

/* Works on the next frame of the first queue that waits. Call with the lock held; it is released during the work. */
static void work_once(struct thread_pool *pool)
{
    struct thread_pool_queue *queue = pool->first;
    struct thread_pool_frame *shared = queue->frames[queue->first];

    pool->first = queue->next;
    if (!pool->first)
        pool->end = &pool->first;
    pthread_mutex_unlock(&pool->lock);
    pool->task->work(pool->task->self, queue, shared->frame, shared->number);
    pthread_mutex_lock(&pool->lock);
    queue->first = (queue->first + 1) % THREAD_POOL_FRAMES;
    queue->count--;
    queue->is_busy = queue->count > 0;
    if (queue->is_busy)
        enqueue(pool, queue, true); /* what its encoder needs is still in the processor's caches */
    if (--shared->users == 0) {
        av_frame_unref(shared->frame);
        pool->frames_out--;
    }
    pthread_cond_signal(&pool->frame_done); /* the waiting thread may also find a queue to work on */
}

/* Waits until a queue waits. If one waits already, no processor was free: waits for LOOK_MS. */
static void wait_for_work(struct thread_pool *pool)
{
    struct timespec until;

    if (!pool->first) {
        pthread_cond_wait(&pool->work_came, &pool->lock);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&pool->work_came, &pool->lock, &until);
}

static void *run_thread(void *context)
{
    struct thread_pool *pool = context;

    pthread_mutex_lock(&pool->lock);
    while (!pool->is_ending) {
        if (!pool->first || pool->active + 1 >= pool->task->processors(pool->task->self)) {
            wait_for_work(pool);
            continue;
        }
        pool->active++;
        work_once(pool);
        pool->active--;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Starts up to that many threads. */
static void start_threads(struct thread_pool *pool, int threads)
{
    pthread_attr_t attributes;

    if (pthread_attr_init(&attributes))
        return;
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    while (pool->thread_count < threads && pool->thread_count < THREAD_POOL_THREADS_MAX &&
           !pthread_create(&pool->threads[pool->thread_count], &attributes, run_thread, pool))
        pool->thread_count++;
    pthread_attr_destroy(&attributes);
}

struct thread_pool *thread_pool_alloc(const struct thread_pool_task *task, int threads)
{
    struct thread_pool *pool = calloc(1, sizeof *pool);

    if (!pool)
        return NULL;
    pool->task = task;
    pool->end = &pool->first;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work_came, NULL);
    pthread_cond_init(&pool->frame_done, NULL);
    for (int i = 0; i < THREAD_POOL_FRAMES; i++) {
        pool->frames[i].frame = av_frame_alloc();
        if (!pool->frames[i].frame) {
            thread_pool_free(&pool);
            return NULL;
        }
    }
    start_threads(pool, threads);
    return pool;
}

void thread_pool_free(struct thread_pool **pool)
{
    struct thread_pool *p = *pool;

    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_ending = true;
    pthread_cond_broadcast(&p->work_came);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i], NULL);
    for (int i = 0; i < THREAD_POOL_FRAMES; i++)
        av_frame_free(&p->frames[i].frame);
    pthread_cond_destroy(&p->frame_done);
    pthread_cond_destroy(&p->work_came);
    pthread_mutex_destroy(&p->lock);
    free(p);
    *pool = NULL;
}

/* Works, or waits for other threads, until at most `most` frames are in the pool. Call with the lock held. */
static void work_down(struct thread_pool *pool, int most)
{
    while (pool->frames_out > most) {
        if (pool->first)
            work_once(pool);
        else
            pthread_cond_wait(&pool->frame_done, &pool->lock);
    }
}

int thread_pool_give(struct thread_pool *pool, struct thread_pool_queue *const *queues, size_t count,
                     const AVFrame *frame, int64_t number)
{
    struct thread_pool_frame *shared = pool->frames;

    if (!count)
        return 0;
    pthread_mutex_lock(&pool->lock);
    work_down(pool, THREAD_POOL_FRAMES - 1);
    while (shared->users)
        shared++;
    if (av_frame_ref(shared->frame, frame) < 0) {
        pthread_mutex_unlock(&pool->lock);
        return -1;
    }
    shared->number = number;
    shared->users = (int)count;
    pool->frames_out++;
    for (size_t i = 0; i < count; i++) {
        struct thread_pool_queue *queue = queues[i];

        queue->frames[(queue->first + queue->count++) % THREAD_POOL_FRAMES] = shared;
        if (!queue->is_busy) {
            queue->is_busy = true;
            enqueue(pool, queue, false);
        }
    }
    if (!pool->thread_count && pool->frames_out == THREAD_POOL_FRAMES)
        work_down(pool, 0);
    pthread_mutex_unlock(&pool->lock);
    return 0;
}

void thread_pool_finish(struct thread_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    work_down(pool, 0);
    pthread_mutex_unlock(&pool->lock);
}
