/* Where a chunk is in its video: all that is needed to cut the same chunk again. */
#ifndef COMMON_CUT_CHUNK_RANGE_H
#define COMMON_CUT_CHUNK_RANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cut/cutter.h"
#include "common/error.h"
#include "common/output/file_stamp.h"

/* The source, the length and the number are enough to cut the chunk again. The other members make it possible to seek
 * to it, and to check that the result is the same. */
struct chunk_range {
    struct file_stamp source; /* of the video */
    double seconds;           /* the length asked for */
    size_t number;            /* of the chunk in the video */
    int64_t frames;           /* packets of the video stream; at least 1 */
    bool has_sum;             /* the members below are known */
    uint64_t sum;             /* checksum over times, flags and sizes of those packets */
    int64_t key_dts;          /* source dts of the first packet; AV_NOPTS_VALUE: none */
    int64_t from, to; /* muxer times, in microseconds, at which this chunk and the next one begin; to is INT64_MAX for
                         the last one */
};

/* The range of chunk number of a video that was cut to its end. False when the chunk has no packet. */
bool chunk_range_make(struct chunk_range *range, const struct cutter *cutter, double seconds, size_t number);

/* As the member "range" of a record. New (json_decref), NULL when out of memory. */
json_t *chunk_range_to_json(const struct chunk_range *range);

/* 0, or -1 and error (io) when a member is missing or out of range. */
int chunk_range_from_json(struct chunk_range *range, const json_t *json, struct error *error);

/* One text for a chunk: the path source when range is NULL, otherwise "range:JSON:source". New (free()), NULL when out
 * of memory. */
char *chunk_range_address(const char *source, const struct chunk_range *range);

/* The path within an address. */
const char *chunk_range_path(const char *address);

/* The range within an address: 1 and *range, 0 when there is none, or -1 and error. */
int chunk_range_from_address(const char *address, struct chunk_range *range, struct error *error);

#endif
