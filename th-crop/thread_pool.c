#include "th-crop/thread_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    STACK_SIZE = 2 << 20,
    LOOK_MS = 100 /* how often an idle helper looks whether it may work by now */
};

struct thread_pool {
    const struct thread_pool_task *task;
    pthread_t threads[THREAD_POOL_THREADS_MAX];
    int thread_count;
    int active; /* threads that work */
    bool is_ending;
    struct thread_pool_frame frames[THREAD_POOL_FRAMES];
    int frames_out;                         /* frames with users */
    struct thread_pool_queue *first, **end; /* queues that wait for a thread */
    pthread_mutex_t lock;                   /* of all above */
    pthread_cond_t work_came, frame_done;
};

static void enqueue(struct thread_pool *pool, struct thread_pool_queue *queue)
{
    queue->next = NULL;
    *pool->end = queue;
    pool->end = &queue->next;
    pthread_cond_signal(&pool->work_came);
}

/* A queue that has more is the next: what it needs is in the processor's caches. */
static void enqueue_again(struct thread_pool *pool, struct thread_pool_queue *queue)
{
    queue->next = pool->first;
    if (!pool->first)
        pool->end = &queue->next;
    pool->first = queue;
    pthread_cond_signal(&pool->work_came);
}

static struct thread_pool_queue *dequeue(struct thread_pool *pool)
{
    struct thread_pool_queue *queue = pool->first;

    pool->first = queue->next;
    if (!pool->first)
        pool->end = &pool->first;
    return queue;
}

/* The next frame of the first queue that waits. Called with the lock held, which is let go meanwhile. */
static void work_once(struct thread_pool *pool)
{
    struct thread_pool_queue *queue = dequeue(pool);
    struct thread_pool_frame *shared = queue->frames[queue->first];

    pthread_mutex_unlock(&pool->lock);
    pool->task->work(pool->task->self, queue, shared->frame, shared->number);
    pthread_mutex_lock(&pool->lock);
    queue->first = (queue->first + 1) % THREAD_POOL_FRAMES;
    queue->count--;
    queue->is_busy = queue->count > 0;
    if (queue->is_busy)
        enqueue_again(pool, queue);
    if (--shared->users == 0) {
        av_frame_unref(shared->frame);
        pool->frames_out--;
    }
    pthread_cond_signal(&pool->frame_done); /* there may be a queue to work on, too */
}

/* Waits for work, and looks now and then whether a processor has become free. */
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

static void *help(void *context)
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

/* Starts the threads, as many as there is room for. */
static void start_threads(struct thread_pool *pool, int threads)
{
    pthread_attr_t attributes;

    if (pthread_attr_init(&attributes))
        return;
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    while (pool->thread_count < threads && pool->thread_count < THREAD_POOL_THREADS_MAX &&
           !pthread_create(&pool->threads[pool->thread_count], &attributes, help, pool))
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

/* Works, or waits for others, until at most `most` frames are left. Called with the lock held. */
static void work_down(struct thread_pool *pool, int most)
{
    while (pool->frames_out > most) {
        if (pool->first)
            work_once(pool);
        else
            pthread_cond_wait(&pool->frame_done, &pool->lock);
    }
}

static struct thread_pool_frame *find_free(struct thread_pool *pool)
{
    struct thread_pool_frame *shared = pool->frames;

    while (shared->users)
        shared++;
    return shared;
}

int thread_pool_give(struct thread_pool *pool, struct thread_pool_queue *const *queues, size_t count,
                     const AVFrame *frame, int64_t number)
{
    struct thread_pool_frame *shared;

    if (!count)
        return 0;
    pthread_mutex_lock(&pool->lock);
    work_down(pool, THREAD_POOL_FRAMES - 1);
    shared = find_free(pool);
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
            enqueue(pool, queue);
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
