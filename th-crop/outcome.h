/* What becomes of tubes, as records on stdout: in the parent, for what needs no work and for what the work came to. */
#ifndef TH_CROP_OUTCOME_H
#define TH_CROP_OUTCOME_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "th-crop/crop.h"
#include "th-crop/plan/plan.h"
#include "th-crop/record.h"

/* Where the chunk's clips come from, for their records; source is the path of its file or of its video, NULL when there
 * is none. Valid as long as both. */
struct clip_origin crop_record_origin(const struct plan_chunk *chunk, const char *source);

/* Writes record (stolen; NULL: out of memory) as often as the tube was asked for, and notes that. A tube that has its
 * record has another one only when that would be wrong now. is_final as in tube_request_recorded. */
void crop_record_emit(struct crop *crop, struct tube_request *request, json_t *record, bool is_final);

/* The same with a record that says that the tube failed or was skipped, and why. source may be NULL. */
void crop_record_emit_not_ok(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                             struct tube_request *request, enum record_status status, const struct error *error);

/* Records the rows that name a clip of the chunk for a picture of another size. */
void crop_record_clashes(struct crop *crop, const struct plan_chunk *chunk);

/* Skips the tubes that the options leave out for their number of frames. */
void crop_record_left_out(struct crop *crop, const struct plan_chunk *chunk);

/* Records every pending tube of the chunk: its clip if that is there, otherwise why it is not. source may be NULL. */
void crop_record_chunk(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                       const struct refusal *refusal);

/* The same for a chunk without a file: what was skipped in a former run is skipped again for the same reason. */
void crop_record_missing(struct crop *crop, const struct plan_chunk *chunk);

#endif
