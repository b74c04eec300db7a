#include "th-fetch/policy/room.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int room_init(struct room *room, int64_t limit, const char *finished, struct console *console, struct error *error)
{
    *room = (struct room){.limit = limit, .fd = -1, .console = console};
    if (limit <= 0)
        return 0;
    room->videos = json_object();
    if (!room->videos)
        return error_set(error, ERROR_IO, "out of memory");
    room->fd = open(finished, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return room->fd >= 0 ? 0 : error_set_errno(error, errno, "--finished: cannot read '%.200s'", finished);
}

void room_clear(struct room *room)
{
    if (room->fd >= 0)
        close(room->fd);
    json_decref(room->videos);
    free(room->waiting);
    *room = (struct room){.fd = -1};
}

static int64_t bytes_of(const struct room *room, const char *id)
{
    return json_integer_value(json_object_get(room->videos, id));
}

void room_set(struct room *room, const char *id, int64_t bytes)
{
    int64_t before = bytes_of(room, id);

    if (room->limit > 0 && json_object_set_new(room->videos, id, json_integer(bytes)) == 0)
        room->taken += bytes - before;
}

static bool waits(const struct room *room, const char *id)
{
    return room->waiting && strcmp(room->waiting, id) == 0;
}

void room_grow(struct room *room, const char *id, int64_t bytes)
{
    if (bytes > bytes_of(room, id))
        room_set(room, id, bytes);
}

static void stop_waiting(struct room *room, const char *id)
{
    if (!waits(room, id))
        return;
    free(room->waiting);
    room->waiting = NULL;
}

/* Whether there is room for a video that does not count yet. */
static bool is_free(const struct room *room, const char *id, int64_t bytes)
{
    if (room->waiting && !waits(room, id))
        return false;
    return json_object_size(room->videos) == 0 || room->taken + (bytes > 0 ? bytes : 1) <= room->limit;
}

bool room_take(struct room *room, const char *id, int64_t bytes)
{
    int64_t before = bytes_of(room, id);

    if (room->limit <= 0)
        return true;
    if (before > 0 || (bytes == 0 && json_object_get(room->videos, id))) {
        room_grow(room, id, bytes);
        return true;
    }
    json_object_del(room->videos, id);
    if (!is_free(room, id, bytes)) {
        if (!room->waiting)
            room->waiting = strdup(id);
        return false;
    }
    if (bytes > room->limit)
        console_say(room->console, CONSOLE_WARNING,
                    "%s: the video has %" PRId64 " bytes, more than the %" PRId64
                    " that --max-disk leaves for videos; it is worked on alone",
                    id, bytes, room->limit);
    stop_waiting(room, id);
    room_set(room, id, bytes);
    return true;
}

void room_leave(struct room *room, const char *id)
{
    room->taken -= bytes_of(room, id);
    json_object_del(room->videos, id);
    stop_waiting(room, id);
}

/* Takes the ids out of the bytes that have come. A longer line than an id can have is no id. */
static void take_ids(struct room *room, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            room->length += room->length < sizeof room->line;
            room->line[room->length - 1] = bytes[i];
            continue;
        }
        room->line[room->length < sizeof room->line ? room->length : sizeof room->line - 1] = '\0';
        room_leave(room, room->line);
        room->length = 0;
    }
}

void room_read(struct room *room)
{
    char bytes[4096];
    ssize_t got;

    while ((got = read(room->fd, bytes, sizeof bytes)) > 0)
        take_ids(room, bytes, (size_t)got);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    close(room->fd);
    room->fd = -1;
    room->limit = 0;
    console_say(room->console, CONSOLE_WARNING,
                "nobody tells any more which videos are finished; --max-disk does not hold from here on");
}
