/* The times of a clip's frames: where they begin, whether they rise, and where they have gaps. Pure. */
#ifndef TH_VERIFY_MEASURE_TIMES_H
#define TH_VERIFY_MEASURE_TIMES_H

#include <libavutil/rational.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Times and steps are in ticks of the stream's time base; step k is from frame k to frame k + 1. */
struct times {
    int64_t first;
    int64_t median, longest; /* steps; 0 when there is none */
    size_t backward;         /* the first frame that has no time or is not later than the one before it; 0: none */
    size_t gaps;             /* steps that are too long */
    size_t first_gap;        /* the first such step, when there are gaps */
    bool is_variable;        /* the frame rate varies: a long step is no gap, and gaps is 0 */
};

/* Measures the times of count frames in display order (AV_NOPTS_VALUE: none).
 *
 * A step is odd when it is more than a quarter of the median step away from it. When two steps or more, and more than
 * one in 20, are odd, the clip has a variable frame rate. Otherwise a step longer than 1.5 times the median is a gap.
 * With fewer than 8 steps nothing is a gap. 0, or -1 when memory runs out. */
int times_measure(const int64_t *ticks, size_t count, struct times *times);

/* True when the source has each gap of the clip, too. source holds the times of the frames that the clip was made from,
 * also count. Steps are the same when they differ by at most two milliseconds or two ticks of the coarser time base. */
bool times_gaps_agree(const int64_t *ticks, AVRational time_base, const int64_t *source, AVRational source_time_base,
                      size_t count, const struct times *times);

#endif
