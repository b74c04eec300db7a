#include "th-verify/measure/decoded.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/array.h"
#include "th-verify/measure/picture.h"

enum {
    FRAMES_MAX = 1000000, /* where decoding stops; the longest clips in the sets take a minute */
    SURPLUS_MAX = 10000,  /* and where it stops after the wanted frames: more than a chunk of a minute has */
    STILL_FRAMES = 25,    /* with fewer, all blocks must be equal */
    STEPS_MIN = 8,        /* with fewer, a gap looks like a variable frame rate */
    ODD_MIN = 2,          /* a clip with a variable frame rate has at least that many odd steps, */
    ODD_ONE_IN = 20,      /* and more than one in that many */
    SAME_TICKS = 2,       /* two times that are rounded to a time base */
    MILLISECONDS = 1000   /* in a second */
};

void decoded_free(struct decoded *decoded)
{
    av_frame_free(&decoded->first);
    free(decoded->ticks);
    *decoded = (struct decoded){0};
}

bool decoded_is_still(const struct decoded *decoded)
{
    return decoded->frames > 1 && decoded->moved <= (decoded->frames < STILL_FRAMES ? 0 : DECODED_SAME_PICTURE);
}

void decoded_note_fault(void *self, const char *what, int result)
{
    struct decoded *decoded = self;

    if (decoded->damaged++ == 0)
        error_set(&decoded->fault, ERROR_DECODE_ERROR, "%s, at frame %" PRId64 ": %s", what, decoded->frames,
                  av_err2str(result));
}

/* Compares the frame with the first one, until one differs. */
static void compare_with_first(struct decoded *decoded, const AVFrame *frame)
{
    double distance;

    if (decoded->moved > DECODED_SAME_PICTURE)
        return;
    distance = picture_distance(decoded->first, frame);
    if (distance < 0)
        distance = 255; /* another size or format */
    if (distance > decoded->moved)
        decoded->moved = distance;
    if (distance <= DECODED_SAME_PICTURE)
        decoded->front++;
}

void decoded_begin(struct decoded *decoded, const AVStream *stream, int64_t wanted)
{
    *decoded =
        (struct decoded){.most = wanted > 0 && wanted < FRAMES_MAX - SURPLUS_MAX ? wanted + SURPLUS_MAX : FRAMES_MAX,
                         .time_base = stream->time_base,
                         .width = stream->codecpar->width,
                         .height = stream->codecpar->height,
                         .resized = -1};
}

int decoded_add(struct decoded *decoded, const AVFrame *frame, struct error *error)
{
    int64_t *ticks = array_make_room(decoded->ticks, (size_t)decoded->frames, &decoded->room, sizeof *ticks);

    if (ticks)
        decoded->ticks = ticks;
    if (decoded->resized < 0 && (frame->width != decoded->width || frame->height != decoded->height))
        decoded->resized = decoded->frames;
    if (!decoded->first)
        decoded->first = av_frame_clone(frame);
    if (!ticks || !decoded->first)
        return error_set(error, ERROR_IO, "out of memory");
    compare_with_first(decoded, frame);
    ticks[decoded->frames] = frame->pts == AV_NOPTS_VALUE ? frame->best_effort_timestamp : frame->pts;
    return ++decoded->frames < decoded->most;
}

/* From one time to a later one; at most INT64_MAX. */
static int64_t step_between(int64_t from, int64_t to)
{
    uint64_t step = (uint64_t)to - (uint64_t)from;

    return step > INT64_MAX ? INT64_MAX : (int64_t)step;
}

static bool is_long(int64_t step, const struct decoded_times *times)
{
    return (double)step > 1.5 * (double)times->median;
}

static bool is_odd(int64_t step, const struct decoded_times *times)
{
    return fabs((double)step - (double)times->median) > 0.25 * (double)times->median;
}

static void count_gaps(const int64_t *ticks, size_t count, struct decoded_times *times)
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

int decoded_measure_times(const int64_t *ticks, size_t count, struct decoded_times *times)
{
    int64_t *steps;

    *times = (struct decoded_times){.first = count ? ticks[0] : AV_NOPTS_VALUE};
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
    qsort(steps, count - 1, sizeof *steps, array_compare_int64);
    times->median = steps[(count - 2) / 2];
    times->longest = steps[count - 2];
    free(steps);
    count_gaps(ticks, count, times);
    return 0;
}

bool decoded_gaps_agree(const int64_t *ticks, AVRational time_base, const int64_t *source, AVRational source_time_base,
                        size_t count, const struct decoded_times *times)
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
