#include "th-crop/thread_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    STACK_SIZE = 2 << 20,
    LOOK_MS = 100 /* how often an idle helper looks whether it may work by now */
};

struct crew {
    const struct crew_task *task;
    pthread_t helpers[CREW_HELPERS_MAX];
    int helper_count;
    int active; /* helpers that work */
    bool is_ending;
    struct crew_parcel parcels[CREW_ROOM];
    int parcels_out;                /* parcels with users */
    struct crew_lane *first, **end; /* lanes that wait for a thread */
    pthread_mutex_t lock;           /* of all above */
    pthread_cond_t work_came, parcel_done;
};

static void enqueue(struct crew *crew, struct crew_lane *lane)
{
    lane->next = NULL;
    *crew->end = lane;
    crew->end = &lane->next;
    pthread_cond_signal(&crew->work_came);
}

/* A lane that has more is the next: what it needs is in the processor's caches. */
static void enqueue_again(struct crew *crew, struct crew_lane *lane)
{
    lane->next = crew->first;
    if (!crew->first)
        crew->end = &lane->next;
    crew->first = lane;
    pthread_cond_signal(&crew->work_came);
}

static struct crew_lane *dequeue(struct crew *crew)
{
    struct crew_lane *lane = crew->first;

    crew->first = lane->next;
    if (!crew->first)
        crew->end = &crew->first;
    return lane;
}

/* The next frame of the first lane that waits. Called with the lock held, which is let go meanwhile. */
static void work_once(struct crew *crew)
{
    struct crew_lane *lane = dequeue(crew);
    struct crew_parcel *parcel = lane->queue[lane->first];

    pthread_mutex_unlock(&crew->lock);
    crew->task->work(crew->task->self, lane, parcel->frame, parcel->number);
    pthread_mutex_lock(&crew->lock);
    lane->first = (lane->first + 1) % CREW_ROOM;
    lane->count--;
    lane->is_busy = lane->count > 0;
    if (lane->is_busy)
        enqueue_again(crew, lane);
    if (--parcel->users == 0) {
        av_frame_unref(parcel->frame);
        crew->parcels_out--;
    }
    pthread_cond_signal(&crew->parcel_done); /* there may be a lane to work on, too */
}

/* Waits for work, and looks now and then whether a processor has become free. */
static void wait_for_work(struct crew *crew)
{
    struct timespec until;

    if (!crew->first) {
        pthread_cond_wait(&crew->work_came, &crew->lock);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&crew->work_came, &crew->lock, &until);
}

static void *help(void *context)
{
    struct crew *crew = context;

    pthread_mutex_lock(&crew->lock);
    while (!crew->is_ending) {
        if (!crew->first || crew->active + 1 >= crew->task->processors(crew->task->self)) {
            wait_for_work(crew);
            continue;
        }
        crew->active++;
        work_once(crew);
        crew->active--;
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Starts the helpers, as many as there is room for. */
static void hire(struct crew *crew, int helpers)
{
    pthread_attr_t attributes;

    if (pthread_attr_init(&attributes))
        return;
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
    while (crew->helper_count < helpers && crew->helper_count < CREW_HELPERS_MAX &&
           !pthread_create(&crew->helpers[crew->helper_count], &attributes, help, crew))
        crew->helper_count++;
    pthread_attr_destroy(&attributes);
}

struct crew *crew_alloc(const struct crew_task *task, int helpers)
{
    struct crew *crew = calloc(1, sizeof *crew);

    if (!crew)
        return NULL;
    crew->task = task;
    crew->end = &crew->first;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->work_came, NULL);
    pthread_cond_init(&crew->parcel_done, NULL);
    for (int i = 0; i < CREW_ROOM; i++) {
        crew->parcels[i].frame = av_frame_alloc();
        if (!crew->parcels[i].frame) {
            crew_free(&crew);
            return NULL;
        }
    }
    hire(crew, helpers);
    return crew;
}

void crew_free(struct crew **crew)
{
    struct crew *c = *crew;

    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->is_ending = true;
    pthread_cond_broadcast(&c->work_came);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->helper_count; i++)
        pthread_join(c->helpers[i], NULL);
    for (int i = 0; i < CREW_ROOM; i++)
        av_frame_free(&c->parcels[i].frame);
    pthread_cond_destroy(&c->parcel_done);
    pthread_cond_destroy(&c->work_came);
    pthread_mutex_destroy(&c->lock);
    free(c);
    *crew = NULL;
}

/* Works, or waits for others, until at most `most` frames are left. Called with the lock held. */
static void work_down(struct crew *crew, int most)
{
    while (crew->parcels_out > most) {
        if (crew->first)
            work_once(crew);
        else
            pthread_cond_wait(&crew->parcel_done, &crew->lock);
    }
}

static struct crew_parcel *find_free(struct crew *crew)
{
    struct crew_parcel *parcel = crew->parcels;

    while (parcel->users)
        parcel++;
    return parcel;
}

int crew_give(struct crew *crew, struct crew_lane *const *lanes, size_t count, const AVFrame *frame, int64_t number)
{
    struct crew_parcel *parcel;

    if (!count)
        return 0;
    pthread_mutex_lock(&crew->lock);
    work_down(crew, CREW_ROOM - 1);
    parcel = find_free(crew);
    if (av_frame_ref(parcel->frame, frame) < 0) {
        pthread_mutex_unlock(&crew->lock);
        return -1;
    }
    parcel->number = number;
    parcel->users = (int)count;
    crew->parcels_out++;
    for (size_t i = 0; i < count; i++) {
        struct crew_lane *lane = lanes[i];

        lane->queue[(lane->first + lane->count++) % CREW_ROOM] = parcel;
        if (!lane->is_busy) {
            lane->is_busy = true;
            enqueue(crew, lane);
        }
    }
    if (!crew->helper_count && crew->parcels_out == CREW_ROOM)
        work_down(crew, 0);
    pthread_mutex_unlock(&crew->lock);
    return 0;
}

void crew_finish(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    work_down(crew, 0);
    pthread_mutex_unlock(&crew->lock);
}
