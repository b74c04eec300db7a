#include "th-verify/measure/times.h"

#include <libavutil/avutil.h>
#include <math.h>
#include <stdlib.h>

enum {
    STEPS_MIN = 8,      /* with fewer, a gap looks like a variable frame rate */
    ODD_MIN = 2,        /* a clip with a variable frame rate has at least that many odd steps, */
    ODD_ONE_IN = 20,    /* and more than one in that many */
    SAME_TICKS = 2,     /* two times that are rounded to a time base */
    MILLISECONDS = 1000 /* in a second */
};

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* From one time to a later one; at most INT64_MAX. */
static int64_t step_between(int64_t from, int64_t to)
{
    uint64_t step = (uint64_t)to - (uint64_t)from;

    return step > INT64_MAX ? INT64_MAX : (int64_t)step;
}

static bool is_long(int64_t step, const struct times *times)
{
    return (double)step > 1.5 * (double)times->median;
}

static bool is_odd(int64_t step, const struct times *times)
{
    return fabs((double)step - (double)times->median) > 0.25 * (double)times->median;
}

static void count_gaps(const int64_t *ticks, size_t count, struct times *times)
{
    size_t odd = 0, steps = count - 1;

    for (size_t k = 0; k < steps; k++) {
        int64_t step = step_between(ticks[k], ticks[k + 1]);

        odd += is_odd(step, times);
        if (is_long(step, times) && times->gaps++ == 0)
            times->first_gap = k;
    }
    times->is_variable = odd >= ODD_MIN && odd * ODD_ONE_IN > steps;
    if (times->is_variable || steps < STEPS_MIN)
        times->gaps = 0;
}

int times_measure(const int64_t *ticks, size_t count, struct times *times)
{
    int64_t *steps;

    *times = (struct times){.first = count ? ticks[0] : AV_NOPTS_VALUE};
    for (size_t i = 0; i < count && !times->backward; i++)
        if (ticks[i] == AV_NOPTS_VALUE || (i && ticks[i] <= ticks[i - 1]))
            times->backward = i;
    if (count < 2 || times->backward || times->first == AV_NOPTS_VALUE)
        return 0;

    steps = malloc((count - 1) * sizeof *steps);
    if (!steps)
        return -1;
    for (size_t k = 0; k + 1 < count; k++)
        steps[k] = step_between(ticks[k], ticks[k + 1]);
    qsort(steps, count - 1, sizeof *steps, compare);
    times->median = steps[(count - 2) / 2];
    times->longest = steps[count - 2];
    free(steps);
    count_gaps(ticks, count, times);
    return 0;
}

bool times_gaps_agree(const int64_t *ticks, AVRational time_base, const int64_t *source, AVRational source_time_base,
                      size_t count, const struct times *times)
{
    double tick = av_q2d(time_base), source_tick = av_q2d(source_time_base);
    double same = fmax(2.0 / MILLISECONDS, SAME_TICKS * fmax(tick, source_tick));

    for (size_t k = times->first_gap; k + 1 < count; k++) {
        int64_t step = step_between(ticks[k], ticks[k + 1]);
        int64_t source_step = step_between(source[k], source[k + 1]);

        if (is_long(step, times) && fabs((double)step * tick - (double)source_step * source_tick) > same)
            return false;
    }
    return true;
}
