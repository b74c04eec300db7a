/* The tubes of one chunk: each is one request, however often it is named. */
#ifndef TH_CROP_PLAN_TUBE_REQUEST_H
#define TH_CROP_PLAN_TUBE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/tube.h"

/* Who names a tube: the list of -t, a row of the input, a record of th-crop or of th-verify. */
enum plan_source { PLAN_LIST, PLAN_ROW, PLAN_CROP, PLAN_VERIFY, PLAN_SOURCE_COUNT };

struct tube_request {
    struct tube tube;
    struct tube_request *next;         /* of the same chunk */
    uint32_t named[PLAN_SOURCE_COUNT]; /* how often each source named it */
    uint32_t recorded;                 /* records written */
    uint32_t clashes;                  /* failed records to write: it was named for a picture of another size */
    bool is_running;                   /* a job has it */
    bool is_forced;                    /* make it even if its clip exists */
    bool was_skipped;                  /* its record of a former run said skipped */
};

/* In the order in which they were first named. */
struct tube_request_set {
    struct tube_request *first, *last;
    void *index; /* by tube: tsearch() */
};

/* Notes that source names the tube. Tubes that differ only in H and W have the same clip. If H and W are 0 in one, they
 * are taken from the other; if they differ otherwise, the first ones stay and `clashes` counts the others. The request
 * needs as many records as the source that names it most often asks for; adds to *total how many more that are now.
 * NULL when out of memory. */
struct tube_request *tube_request_add(struct tube_request_set *set, const struct tube *tube, enum plan_source source,
                                      int64_t *total);
void tube_request_clear(struct tube_request_set *set);

/* True when the tube is to be made or recorded, and no job has it. */
bool tube_request_is_pending(const struct tube_request *request);

/* How many records are still to be written. 0 when all were written and th-verify's record came later, so that the clip
 * is made again. */
uint32_t tube_request_records(const struct tube_request *request);

/* Notes that so many records have been written. is_final: the clip was made or cannot be made, which ends is_forced;
 * false: an existing clip was passed on. */
void tube_request_recorded(struct tube_request *request, uint32_t records, bool is_final);

#endif
