/* Scans a chunk's packets without decoding: the times of its frames, and which frame each packet becomes.
 *
 * Demuxers guess durations, and an encoder that gets a fine time base (1/12800 s) writes a frame rate of that precision
 * into the stream. Knowing all times beforehand gives each frame's true duration, and the coarsest unit that expresses
 * every time exactly: 1/25 s for 25 frames a second. */
#ifndef TH_CROP_DECODE_PACKET_SCAN_H
#define TH_CROP_DECODE_PACKET_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "common/av/packet_map.h"
#include "common/error.h"

struct packet_scan {
    int64_t
        *times; /* of all frames, rising, in units of the stream's time base; NULL when not all known and different */
    size_t count;
    int64_t unit;          /* greatest common divisor of the distances between times; 1 when not known */
    struct packet_map map; /* empty when there is none */
    const char *no_map;    /* why there is no map, a phrase; NULL when there is one */
};

/* Reads the packets of the video stream of path. 0 and *scan (packet_scan_clear), or -1 and error: unreadable,
 * no_video, io. A file that cannot be read to its end has no map, and the times up to there. */
int packet_scan_read(struct packet_scan *scan, const char *path, struct error *error);
void packet_scan_clear(struct packet_scan *scan);

/* Sets times, count and unit from count times in any order, which the scan then owns (from malloc). */
void packet_scan_set_times(struct packet_scan *scan, int64_t *times, size_t count);

/* The distance from time to the next one; 0 when time is the last or not among the times. */
int64_t packet_scan_duration(const struct packet_scan *scan, int64_t time);

#endif
