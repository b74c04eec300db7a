/* Where a chunk stands in its video, exactly enough to be made again from it at any time. */
#ifndef COMMON_CUT_CHUNK_RANGE_H
#define COMMON_CUT_CHUNK_RANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cut/cutter.h"
#include "common/error.h"
#include "common/output/file_stamp.h"

/* The source, how it is cut and the chunk's number say it all: cutting again gives the chunk. The rest is for not
 * having to read all that stands before it, and for knowing that this has led to the same. */
struct chunk_range {
    struct file_stamp source; /* of the video */
    double seconds;           /* the length asked for */
    size_t number;            /* of the chunk in the video */
    int64_t frames;           /* packets of the video stream; at least 1 */
    bool has_sum;             /* what follows is known */
    uint64_t sum;             /* over the times, flags and sizes of those packets */
    int64_t key_dts;          /* of the first one as it stands in the video; AV_NOPTS_VALUE: none */
    int64_t from,
        to; /* microseconds: times of the muxer at which it begins, and the next one does; INT64_MAX: none does */
};

/* The range of chunk number of a video that was cut to its end. False when there is none. */
bool chunk_range_make(struct chunk_range *range, const struct cutter *cutter, double seconds, size_t number);

/* As the member "range" of a record. New (json_decref), NULL when out of memory. */
json_t *chunk_range_to_json(const struct chunk_range *range);

/* 0, or -1 and error (io) when it says nothing that makes sense. */
int chunk_range_from_json(struct chunk_range *range, const json_t *json, struct error *error);

/* One text that says where a chunk is, for those that hand it on: the path source itself when range is NULL, otherwise
 * both. New (free()), NULL when out of memory. */
char *chunk_range_address(const char *source, const struct chunk_range *range);

/* The path within an address. */
const char *chunk_range_path(const char *address);

/* The range within an address: 1 and *range, 0 when there is none, or -1 and error. */
int chunk_range_from_address(const char *address, struct chunk_range *range, struct error *error);

#endif
