/* The records that th-verify writes. */
#ifndef TH_VERIFY_RECORD_H
#define TH_VERIFY_RECORD_H

#include "common/stage/record.h"
#include "th-verify/check.h"
#include "th-verify/clip.h"
#include "th-verify/measure/score.h"

/* Each returns a new record (json_decref), NULL when out of memory. */

/* The verdict on a clip that was measured: its checks, and the result of score (may be NULL) when it passed. */
json_t *verify_record_verdict(const struct clip *clip, const struct evidence *evidence, struct score *score);

/* A clip that was not verified (skipped) or did not pass (failed); path and lineage, from which it takes what the clip
 * was made from, may be NULL. */
json_t *verify_record_not_ok(const char *key, const char *path, const json_t *lineage, enum record_status status,
                             const struct error *error);

/* A clip that th-crop did not make, from th-crop's record, whose head is read: skipped, with th-crop's error and retry.
 */
json_t *verify_record_not_cropped(const json_t *record, const struct record_head *head);

#endif
