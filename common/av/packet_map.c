#include "common/av/packet_map.h"

#include <libavutil/avutil.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"

enum { DELAY_MAX = 16 };

/* For sorting packets by time. */
struct ranked {
    int64_t pts;
    size_t packet;
};

static const char *find_fault(const struct packet_note *notes, size_t count)
{
    if (!count || count > UINT32_MAX)
        return "there are no packets";
    for (size_t i = 0; i < count; i++) {
        if (!notes[i].kind.is_one_picture && !notes[i].is_absent)
            return "a packet is not exactly one picture";
        if (notes[i].pts == AV_NOPTS_VALUE)
            return "a packet has no time";
    }
    return NULL;
}

/* Gives each packet its frame number, and sorts them into by_time. Returns why that cannot be done, or NULL. */
static const char *number(struct packet_place *packets, struct ranked *by_time, size_t count)
{
    for (size_t i = 0; i < count; i++)
        by_time[i] = (struct ranked){packets[i].pts, i};
    qsort(by_time, count, sizeof *by_time, array_compare_int64);
    for (size_t i = 0; i < count; i++) {
        if (i && by_time[i].pts == by_time[i - 1].pts)
            return "two packets have the same time";
        packets[by_time[i].packet].frame = (uint32_t)i;
    }
    return NULL;
}

/* Keeps those random access points that are closed: the i packets before one are frames 0 to i - 1. Returns whether the
 * first packet is one. */
static bool keep_random_access(struct packet_place *packets, size_t count)
{
    uint32_t highest = 0;

    for (size_t i = 0; i < count; i++) {
        packets[i].is_random_access &= packets[i].frame == i && (!i || highest == i - 1);
        if (packets[i].frame > highest)
            highest = packets[i].frame;
    }
    return packets[0].is_random_access;
}

/* Whether no picture has more than delay pictures before it that are shown after it: the decoder then never has to
 * output one before it has got all that are shown earlier. */
static bool is_in_window(const struct packet_place *packets, size_t count, int delay)
{
    uint32_t latest[DELAY_MAX + 1]; /* the highest frame numbers so far, falling */
    int held = 0;

    if (delay < 0 || delay > DELAY_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        int place = held;

        if (held > delay && latest[delay] > packets[i].frame)
            return false;
        while (place && latest[place - 1] < packets[i].frame)
            place--;
        if (place > delay)
            continue;
        if (held <= delay)
            held++;
        memmove(latest + place + 1, latest + place, (size_t)(held - 1 - place) * sizeof *latest);
        latest[place] = packets[i].frame;
    }
    return true;
}

/* Whether the codec's own order of pictures is that of their times. */
static bool is_in_order(const struct packet_place *packets, const struct packet_note *notes, size_t count,
                        const struct ranked *by_time)
{
    size_t start = 0;

    for (size_t frame = 0; frame < count; frame++) {
        size_t packet = by_time[frame].packet;

        if (packets[packet].is_random_access)
            start = frame;
        else if (frame > start && !packets[packet].is_absent && !packets[by_time[frame - 1].packet].is_absent &&
                 notes[packet].kind.order < notes[by_time[frame - 1].packet].kind.order)
            return false;
    }
    return true;
}

static void set_packets(struct packet_place *packets, const struct packet_note *notes, size_t count)
{
    bool is_absent = false;

    for (size_t i = 0; i < count; i++) {
        const struct packet_kind *kind = &notes[i].kind;

        is_absent = notes[i].is_absent || (is_absent && !kind->is_random_access);
        packets[i] = (struct packet_place){.pts = notes[i].pts,
                                           .is_random_access = kind->is_random_access && !is_absent,
                                           .is_droppable = kind->is_droppable && !is_absent,
                                           .is_absent = is_absent};
    }
}

const char *packet_map_make(struct packet_map *map, const struct packet_note *notes, size_t count, int delay)
{
    const char *why = find_fault(notes, count);
    struct ranked *by_time;

    *map = (struct packet_map){0};
    if (why)
        return why;
    map->packets = calloc(count, sizeof *map->packets);
    map->count = count;
    by_time = calloc(count, sizeof *by_time);
    if (!map->packets || !by_time) {
        why = "out of memory";
        goto end;
    }
    set_packets(map->packets, notes, count);
    why = number(map->packets, by_time, count);
    if (why)
        goto end;
    if (!keep_random_access(map->packets, count))
        why = "it does not begin with a random access point";
    else if (!is_in_window(map->packets, count, delay))
        why = "pictures are out of order by more than the stream says";
    else if (!is_in_order(map->packets, notes, count, by_time))
        why = "times contradict the order of pictures";
end:
    free(by_time);
    if (why)
        packet_map_clear(map);
    return why;
}

void packet_map_clear(struct packet_map *map)
{
    free(map->packets);
    *map = (struct packet_map){0};
}

/* Marks the frames of the range in needed, an array of count. */
static void mark(unsigned char *needed, size_t count, const struct frame_range *range)
{
    int64_t first = range->first < 0 ? 0 : range->first;
    int64_t last = range->last < (int64_t)count ? range->last : (int64_t)count - 1;

    if (first <= last)
        memset(needed + first, 1, (size_t)(last - first) + 1);
}

/* Sets the uses of the packets from `first` up to the next random access point, whose index it returns. */
static size_t choose_group(const struct packet_map *map, const unsigned char *needed, size_t first,
                           enum packet_use *uses)
{
    size_t end = first + 1, stop = first; /* stop: nothing is decoded from there on */

    for (size_t i = first; i < map->count && (i == first || !map->packets[i].is_random_access); i++) {
        end = i + 1;
        if (needed[map->packets[i].frame])
            stop = end;
    }
    for (size_t i = first; i < end; i++)
        uses[i] =
            i < stop && (needed[map->packets[i].frame] || !map->packets[i].is_droppable) ? PACKET_DECODE : PACKET_SKIP;
    /* No restart is needed when the packet before it was decoded. */
    if (stop > first && (first == 0 || uses[first - 1] == PACKET_SKIP))
        uses[first] = PACKET_RESTART;
    return end;
}

int packet_map_choose(const struct packet_map *map, const struct frame_range *ranges, size_t count,
                      enum packet_use *uses)
{
    unsigned char *needed = calloc(map->count + 1, 1);

    if (!needed)
        return -1;
    for (size_t i = 0; i < count; i++)
        mark(needed, map->count, &ranges[i]);
    for (size_t next = 0; next < map->count;)
        next = choose_group(map, needed, next, uses);
    free(needed);
    return 0;
}

bool packet_map_needs(const struct packet_map *map, const struct frame_range *range, size_t packet)
{
    for (size_t i = packet; i < map->count && (i == packet || !map->packets[i].is_random_access); i++)
        if (map->packets[i].frame >= range->first && map->packets[i].frame <= range->last)
            return i == packet || !map->packets[packet].is_droppable;
    return false;
}
