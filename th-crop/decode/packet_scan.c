#include "th-crop/decode/packet_scan.h"

#include <libavutil/mathematics.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/av/bitstream.h"
#include "common/cut/chunk_reader.h"
#include "common/cut/partial_file.h"

/* The packets so far, without those that never become frames. */
struct notes {
    struct packet_note *array;
    size_t count, room;
    bool can_map; /* every packet so far is exactly one picture */
};

static void forget_times(struct packet_scan *scan)
{
    free(scan->times);
    scan->times = NULL;
    scan->count = 0;
    scan->unit = 1;
}

void packet_scan_set_times(struct packet_scan *scan, int64_t *times, size_t count)
{
    int64_t unit = 0;

    scan->times = times;
    scan->count = count;
    if (count)
        qsort(times, count, sizeof *times, array_compare_int64);
    for (size_t i = 1; i < count; i++) {
        int64_t distance;

        if (times[i] == times[i - 1] || __builtin_sub_overflow(times[i], times[i - 1], &distance)) {
            forget_times(scan);
            return;
        }
        unit = av_gcd(unit, distance);
    }
    scan->unit = unit > 0 ? unit : 1;
}

int64_t packet_scan_duration(const struct packet_scan *scan, int64_t time)
{
    const int64_t *found =
        scan->times ? bsearch(&time, scan->times, scan->count, sizeof time, array_compare_int64) : NULL;

    return found && found < scan->times + scan->count - 1 ? found[1] - found[0] : 0;
}

/* 0, or -1 when out of memory. */
static int add_packet(struct notes *notes, struct bitstream *bitstream, const AVPacket *packet)
{
    struct packet_note note = {.pts = packet->pts, .is_absent = partial_file_is_marked(packet)};
    struct packet_note *array = array_make_room(notes->array, notes->count, &notes->room, sizeof *array);

    if (!array)
        return -1;
    notes->array = array;
    if (notes->can_map && !note.is_absent)
        note.kind = bitstream_kind(bitstream, packet);
    notes->can_map &= note.kind.is_one_picture || note.is_absent;
    /* What an edit list discards never becomes a frame. */
    if (packet->size && !(packet->flags & AV_PKT_FLAG_DISCARD))
        notes->array[notes->count++] = note;
    return 0;
}

/* 0, or -1 when out of memory. */
static int make_times(struct packet_scan *scan, const struct notes *notes)
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
    packet_scan_set_times(scan, times, notes->count);
    return 0;
}

static void make_map(struct packet_scan *scan, const struct notes *notes, const AVCodecParameters *parameters,
                     const struct bitstream *bitstream, bool is_whole)
{
    if (!bitstream_is_known(bitstream))
        scan->no_map = "its packet headers cannot be read";
    else if (!is_whole)
        scan->no_map = "it cannot be read to its end";
    else if (!notes->can_map)
        scan->no_map = "a packet is not exactly one picture";
    else if (!scan->times)
        scan->no_map = "times are missing or doubled";
    else
        scan->no_map = packet_map_make(&scan->map, notes->array, notes->count, parameters->video_delay);
}

int packet_scan_read(struct packet_scan *scan, const char *path, struct error *error)
{
    struct chunk_reader *reader = NULL;
    struct bitstream *bitstream = NULL;
    struct notes notes = {.can_map = true};
    AVPacket *packet = av_packet_alloc();
    const AVCodecParameters *parameters;
    struct error ignored;
    int result, status = -1;

    *scan = (struct packet_scan){.unit = 1};
    if (chunk_reader_open(&reader, path, error))
        goto end;
    parameters = chunk_reader_video(reader)->codecpar;
    bitstream = bitstream_alloc(parameters);
    error_set(error, ERROR_IO, "out of memory");
    if (!packet || !bitstream)
        goto end;
    for (; (result = chunk_reader_next(reader, packet, &ignored)) > 0; av_packet_unref(packet))
        if (add_packet(&notes, bitstream, packet))
            goto end;
    if (make_times(scan, &notes))
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
    forget_times(scan);
    packet_map_clear(&scan->map);
}
