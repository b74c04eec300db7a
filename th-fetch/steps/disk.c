/* The disk that the videos take (--max-disk): what each of them counts with, and the wait for those that are finished.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "th-fetch/steps/step.h"
#include "th-fetch/transfer/partial.h"

enum {
    WEIGHING_GAP = 1, /* seconds between two looks at the segments of a video */
    BLOCK_BYTES = 512 /* of st_blocks */
};

/* What the video will have when all that is wanted of it has come; -1: not known. */
static int64_t planned_bytes(const struct item *item)
{
    struct byte_ranges missing = {0};
    int64_t bytes = -1;

    if (partial_want(item->part, &item->wanted, &missing) == 0)
        bytes = part_size(item->part) + byte_ranges_bytes(&missing);
    byte_ranges_clear(&missing);
    return bytes;
}

void steps_set_room(struct steps *steps, const struct item *item)
{
    int64_t bytes = planned_bytes(item);

    if (bytes >= 0)
        room_set(&steps->room, item->input.id, bytes);
}

bool steps_take_room(struct steps *steps, struct item *item, int64_t size)
{
    const struct part *part = item->part, *video = item->video_part;
    const struct answer_media *sound = item->answer ? &item->answer->audio : NULL;
    bool has_sound = sound && (sound->url || sound->segments);
    int64_t bytes = part && part_total(part) > 0 ? part_total(part) : size;

    /* Until it is known what is needed of a video, it counts with all of it. */
    if (part && part_is_partial(part) && item->is_going_on && steps_want_parts(steps, item))
        bytes = planned_bytes(item);
    if (part && bytes < part_size(part))
        bytes = part_size(part);
    if (has_sound && bytes > 0) /* the joined file is written beside both */
        bytes = 2 * (bytes + (video ? part_size(video) : sound->size));
    item->wake = INFINITY;
    return room_take(&steps->room, item->input.id, bytes);
}

bool steps_count_file(struct steps *steps, struct item *item)
{
    struct stat facts;

    if (stat(item->step == ITEM_NEEDED ? item->needed_path : item->path, &facts) < 0)
        return true;
    return steps_take_room(steps, item, (int64_t)facts.st_blocks * BLOCK_BYTES);
}

void steps_grow(struct steps *steps, struct item *item)
{
    int64_t bytes = item->video_part ? part_size(item->video_part) : 0;
    double now = clock_seconds();

    if (steps->room.limit <= 0 || !item->is_running)
        return;
    if (item->step == ITEM_DOWNLOAD)
        bytes += part_size(item->part);
    else if (item->step == ITEM_SEGMENTS && now >= item->weighed + WEIGHING_GAP)
        bytes += part_folder_bytes(item->segments.folder);
    else
        return;
    item->weighed = now;
    room_grow(&steps->room, item->input.id, bytes);
}

int steps_wait(struct steps *steps, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct pollfd *all;
    int ready;

    if (steps->room.fd < 0)
        return transfers_wait(steps->transfers, fds, count, timeout_ms);
    all = calloc(count + 1, sizeof *all);
    if (!all)
        return -1;
    memcpy(all, fds, count * sizeof *all);
    all[count] = (struct pollfd){.fd = steps->room.fd, .events = POLLIN};
    ready = transfers_wait(steps->transfers, all, count + 1, timeout_ms);
    memcpy(fds, all, count * sizeof *all);
    if (ready > 0 && all[count].revents)
        room_read(&steps->room);
    free(all);
    return ready;
}
