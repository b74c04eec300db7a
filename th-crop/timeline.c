#include "th-crop/timeline.h"

#include <libavcodec/packet.h>
#include <libavutil/mathematics.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/chunk_reader.h"

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void timeline_make(struct timeline *timeline, int64_t *times, size_t count)
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
    *timeline = (struct timeline){.times = times, .count = count, .unit = differ && unit > 0 ? unit : 1};
    if (!differ)
        timeline_clear(timeline);
}

void timeline_clear(struct timeline *timeline)
{
    free(timeline->times);
    *timeline = (struct timeline){.unit = 1};
}

int64_t timeline_duration(const struct timeline *timeline, int64_t time)
{
    const int64_t *found =
        timeline->times ? bsearch(&time, timeline->times, timeline->count, sizeof time, compare_times) : NULL;

    return found && found < timeline->times + timeline->count - 1 ? found[1] - found[0] : 0;
}

/* Makes room for one more. 0, or -1 when out of memory. */
static int append(int64_t **times, size_t *count, size_t *room, int64_t time)
{
    if (*count == *room) {
        size_t more = *room ? 2 * *room : 2048;
        int64_t *grown = realloc(*times, more * sizeof **times);

        if (!grown)
            return -1;
        *times = grown;
        *room = more;
    }
    (*times)[(*count)++] = time;
    return 0;
}

int timeline_read(struct timeline *timeline, const char *path, struct error *error)
{
    struct chunk_reader *reader = NULL;
    AVPacket *packet = av_packet_alloc();
    int64_t *times = NULL;
    size_t count = 0, room = 0;
    bool are_known = true;
    int status = -1;
    struct error breaks_off;

    *timeline = (struct timeline){.unit = 1};
    if (!packet) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (chunk_reader_open(&reader, path, error))
        goto end;
    for (; chunk_reader_next(reader, packet, &breaks_off) > 0; av_packet_unref(packet)) {
        if (!packet->size || packet->flags & AV_PKT_FLAG_DISCARD)
            continue;
        are_known &= packet->pts != AV_NOPTS_VALUE;
        if (append(&times, &count, &room, packet->pts)) {
            error_set(error, ERROR_IO, "out of memory");
            goto end;
        }
    }
    status = 0;
    if (are_known) {
        timeline_make(timeline, times, count);
        times = NULL;
    }
end:
    free(times);
    av_packet_free(&packet);
    chunk_reader_close(&reader);
    return status;
}
