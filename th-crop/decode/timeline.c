#include "th-crop/decode/timeline.h"

#include <libavcodec/packet.h>
#include <libavutil/mathematics.h>
#include <stdbool.h>
#include <stdlib.h>

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
