#include "th-crop/decode/packet_scan.h"

#include <libavcodec/packet.h>
#include <libavutil/mathematics.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/cut/chunk_reader.h"

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void packet_times_make(struct packet_times *timeline, int64_t *times, size_t count)
{
    int64_t unit = 0;
    bool differ = true;

    if (count)
        qsort(times, count, sizeof *times, compare_times);
    for (size_t i = 1; i < count; i++) {
        int64_t distance;

        differ &= times[i] != times[i - 1] && !__builtin_sub_overflow(times[i], times[i - 1], &distance);
        if (differ)
            unit = av_gcd(unit, distance);
    }
    *timeline = (struct packet_times){.times = times, .count = count, .unit = differ && unit > 0 ? unit : 1};
    if (!differ)
        packet_times_clear(timeline);
}

void packet_times_clear(struct packet_times *timeline)
{
    free(timeline->times);
    *timeline = (struct packet_times){.unit = 1};
}

int64_t packet_times_duration(const struct packet_times *timeline, int64_t time)
{
    const int64_t *found =
        timeline->times ? bsearch(&time, timeline->times, timeline->count, sizeof time, compare_times) : NULL;

    return found && found < timeline->times + timeline->count - 1 ? found[1] - found[0] : 0;
}

/* The packets so far. */
struct notes {
    struct packet_note *array;
    size_t count, room;
    bool all_one_picture; /* what follows need not be judged once one is not */
};

/* 0, or -1 when out of memory. */
static int take(struct notes *notes, struct bitstream *bitstream, const AVPacket *packet)
{
    struct packet_note note = {.pts = packet->pts};
    struct packet_note *array = array_make_room(notes->array, notes->count, &notes->room, sizeof *array);

    if (!array)
        return -1;
    notes->array = array;
    if (notes->all_one_picture)
        note.kind = bitstream_kind(bitstream, packet);
    notes->all_one_picture &= note.kind.is_one_picture;
    /* What an edit list discards never becomes a frame, so its time is none of the timeline's. */
    if (!packet->size || packet->flags & AV_PKT_FLAG_DISCARD)
        return 0;
    notes->array[notes->count++] = note;
    return 0;
}

/* 0, or -1 when out of memory. */
static int make_timeline(struct packet_times *timeline, const struct notes *notes)
{
    int64_t *times = calloc(notes->count + 1, sizeof *times);

    if (!times)
        return -1;
    for (size_t i = 0; i < notes->count; i++) {
        times[i] = notes->array[i].pts;
        if (times[i] == AV_NOPTS_VALUE) {
            free(times);
            return 0;
        }
    }
    packet_times_make(timeline, times, notes->count);
    return 0;
}

static void make_map(struct packet_scan *scan, const struct notes *notes, const AVCodecParameters *parameters,
                     const struct bitstream *bitstream, bool is_whole)
{
    if (!bitstream_can_tell(bitstream))
        scan->no_map = "its codec is not looked into";
    else if (!is_whole)
        scan->no_map = "it cannot be read to its end";
    else if (!notes->all_one_picture)
        scan->no_map = "a packet is not exactly one picture";
    else if (!scan->timeline.times)
        scan->no_map = "times are missing or doubled";
    else
        packet_map_make(&scan->map, notes->array, notes->count, parameters->video_delay, &scan->no_map);
}

int packet_scan_read(struct packet_scan *scan, const char *path, struct error *error)
{
    struct chunk_reader *reader = NULL;
    struct bitstream *bitstream = NULL;
    struct notes notes = {.all_one_picture = true};
    AVPacket *packet = av_packet_alloc();
    const AVCodecParameters *parameters;
    struct error breaks_off;
    int result, status = -1;

    *scan = (struct packet_scan){.timeline = {.unit = 1}};
    if (chunk_reader_open(&reader, path, error))
        goto end;
    parameters = chunk_reader_video(reader)->codecpar;
    bitstream = bitstream_alloc(parameters);
    error_set(error, ERROR_IO, "out of memory");
    if (!packet || !bitstream)
        goto end;
    for (; (result = chunk_reader_next(reader, packet, &breaks_off)) > 0; av_packet_unref(packet))
        if (take(&notes, bitstream, packet))
            goto end;
    if (make_timeline(&scan->timeline, &notes))
        goto end;
    make_map(scan, &notes, parameters, bitstream, result == 0);
    status = 0;
end:
    free(notes.array);
    bitstream_free(&bitstream);
    av_packet_free(&packet);
    chunk_reader_close(&reader);
    return status;
}

void packet_scan_clear(struct packet_scan *scan)
{
    packet_times_clear(&scan->timeline);
    packet_map_clear(&scan->map);
}
