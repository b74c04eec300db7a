/* What a pass over a chunk's packets tells before anything is decoded. */
#ifndef TH_CROP_DECODE_PACKET_SCAN_H
#define TH_CROP_DECODE_PACKET_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "th-crop/decode/packet_map.h"

struct packet_times {
    int64_t *times; /* rising, in units of the stream's time base; NULL when they are not all known and different */
    size_t count;
    int64_t unit; /* greatest common divisor of their distances; 1 when they are not known */
};

/* Sorts count times (stolen, from malloc) and works the unit out: *timeline (packet_times_clear). */
void packet_times_make(struct packet_times *timeline, int64_t *times, size_t count);
void packet_times_clear(struct packet_times *timeline);

/* The distance from time to the next one; 0 when it is the last or not among them. */
int64_t packet_times_duration(const struct packet_times *timeline, int64_t time);

struct packet_scan {
    struct packet_times timeline;
    struct packet_map map;
    const char *no_map; /* a phrase that says why there is no map; NULL when there is one */
};

/* Reads the packets of the video stream of path. 0 and the scan (packet_scan_clear), or -1 and error. A file that
 * breaks off has no map, and the times up to there. */
int packet_scan_read(struct packet_scan *scan, const char *path, struct error *error);
void packet_scan_clear(struct packet_scan *scan);

#endif
