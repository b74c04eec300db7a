/* The account of --max-disk: the bytes of the videos that are downloaded, or wait or are in work in a later stage.
 * Another program says, a line with an id each, which videos are finished and no longer count. */
#ifndef TH_FETCH_POLICY_ROOM_H
#define TH_FETCH_POLICY_ROOM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/console.h"

struct room {
    int64_t limit;  /* bytes; 0: any */
    int64_t taken;  /* the sum of videos */
    json_t *videos; /* by id: bytes */
    char *waiting;  /* id of the video that gets the next room; NULL: none waits */
    int fd;         /* where the ids of finished videos come from; -1: closed */
    char line[256]; /* the beginning of the next id */
    size_t length;
    struct console *console; /* gets warnings */
};

/* With a limit, opens finished without waiting for its writer. 0, or -1 and error (io). Call room_clear in both cases.
 * console must outlive it. */
int room_init(struct room *room, int64_t limit, const char *finished, struct console *console, struct error *error);

void room_clear(struct room *room);

/* Whether the video may take that many bytes in all, 0: not known; then it counts with them. Videos get room in the
 * order in which they asked. One that is larger than the limit gets it when no other counts, and one that counts with
 * some bytes gets more at once, since it keeps those until it is finished. */
bool room_take(struct room *room, const char *id, int64_t bytes);

/* The video, which has room, has that many bytes. */
void room_set(struct room *room, const char *id, int64_t bytes);

/* The same, unless it counts with more. */
void room_grow(struct room *room, const char *id, int64_t bytes);

/* The video no longer counts, and no longer waits. */
void room_leave(struct room *room, const char *id);

/* To be called when room->fd is readable or closed: takes out the finished videos. When nobody tells of them any more,
 * there is no limit from then on. */
void room_read(struct room *room);

#endif
