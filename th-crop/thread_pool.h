/* Threads that share the work on the frames of a chunk.
 *
 * Frames come one after the other and go to lanes, one for each clip. Each lane's frames are worked on in order and one
 * at a time, by whichever thread is free, so that what comes out does not depend on the number of threads. The thread
 * that gives frames works, too, when too many wait. */
#ifndef TH_CROP_THREAD_POOL_H
#define TH_CROP_THREAD_POOL_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CREW_ROOM = 6,        /* frames that wait or are worked on: at 1280x720, 1.4 MB each */
    CREW_HELPERS_MAX = 15 /* threads beside the one that gives */
};

/* A frame on its way through its lanes. */
struct crew_parcel {
    AVFrame *frame;
    int64_t number;
    int users; /* lanes that have it yet to work on */
};

/* The caller's, one for each clip; all zero at first. */
struct crew_lane {
    struct crew_lane *next; /* of those that wait for a thread */
    struct crew_parcel *queue[CREW_ROOM];
    int first, count;
    bool is_busy; /* waits for a thread, or has one */
};

struct crew_task {
    /* Works on a frame of a lane; called by any thread. */
    void (*work)(void *self, struct crew_lane *lane, const AVFrame *frame, int64_t number);
    /* How many threads may work just now, that one which gives frames included; called by any thread. */
    int (*processors)(void *self);
    void *self;
};

struct crew;

/* A crew with at most that many helpers; fewer when there is no room for their threads. With none, the giver works on
 * several frames of a lane after another. task must outlive it. NULL when out of memory. */
struct crew *crew_alloc(const struct crew_task *task, int helpers);

/* Ends the threads; all work must be done (crew_finish). Leaves NULL; takes NULL. */
void crew_free(struct crew **crew);

/* Gives the frame, of which a reference is kept, to count lanes. 0, or -1 when out of memory; then none has it. */
int crew_give(struct crew *crew, struct crew_lane *const *lanes, size_t count, const AVFrame *frame, int64_t number);

/* Works until all that was given is done. */
void crew_finish(struct crew *crew);

#endif
