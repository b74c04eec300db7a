/* The tubes of one chunk, each of them once, with what is known of them. */
#ifndef TH_CROP_PLAN_TUBE_REQUEST_H
#define TH_CROP_PLAN_TUBE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/tube.h"

/* Who names a tube. */
enum plan_source { PLAN_LIST, PLAN_ROW, PLAN_CROP, PLAN_VERIFY, PLAN_SOURCE_COUNT };

/* One tube of a chunk. */
struct tube_request {
    struct tube tube;
    struct tube_request *next; /* of the same chunk */
    uint32_t named[PLAN_SOURCE_COUNT];
    uint32_t recorded; /* records written of it */
    uint32_t clashes; /* times that it was named for a picture of another size; each is a failed record to be written */
    bool is_running;  /* a job has it */
    bool is_forced;   /* to be made even if its clip is there */
    bool was_skipped; /* its former record said skipped */
};

/* In the order in which they were first named. */
struct tube_request_set {
    struct tube_request *first, *last;
    void *index; /* by tube: tsearch() */
};

/* The tube, named once more by source. Same numbers but H and W are the same clip: when H and W are 0 they are taken
 * from the other; when both say something else, the tube as it was named first holds, and `clashes` counts the others.
 * Adds the records that this asks for beyond what was asked for already to *total. NULL when out of memory. */
struct tube_request *tube_request_add(struct tube_request_set *set, const struct tube *tube, enum plan_source source,
                                      int64_t *total);
void tube_request_clear(struct tube_request_set *set);

/* True when the tube is to be made or recorded, and no job has it. */
bool tube_request_is_pending(const struct tube_request *request);

/* True when a record that says that the clip is there is still to be written: none was, and none will come of a job or
 * of making the clip anew. */
bool tube_request_lacks_record(const struct tube_request *request);

/* How many records are to be written of the tube now that there is a result: 0 when it has all of them already, and its
 * clip was made anew because th-verify's word of it came late. */
uint32_t tube_request_records(const struct tube_request *request);

/* Those records have been written. is_final: the clip was made or could not be made, so that a force is spent; false
 * when what was there already was passed on. */
void tube_request_recorded(struct tube_request *request, uint32_t records, bool is_final);

#endif
