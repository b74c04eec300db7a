/* The times of a chunk's pictures, from a pass over its packets without decoding.
 *
 * Demuxers guess durations, and an encoder that is told a fine unit of time (1/12800 s) writes a frame rate of that
 * fineness into the stream. Knowing all times beforehand gives each frame's true duration, and the coarsest unit that
 * still expresses every time exactly: 1/25 s for 25 frames a second. */
#ifndef TH_CROP_DECODE_TIMELINE_H
#define TH_CROP_DECODE_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

struct timeline {
    int64_t *times; /* rising, in units of the stream's time base; NULL when they are not all known and different */
    size_t count;
    int64_t unit; /* greatest common divisor of their distances; 1 when they are not known */
};

/* Sorts count times (stolen, from malloc) and works the unit out: *timeline (timeline_clear). */
void timeline_make(struct timeline *timeline, int64_t *times, size_t count);
void timeline_clear(struct timeline *timeline);

/* The distance from time to the next one; 0 when it is the last or not among them. */
int64_t timeline_duration(const struct timeline *timeline, int64_t time);

#endif
