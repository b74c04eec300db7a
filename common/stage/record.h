/* Manifest records: makes and reads the keys that all records share. Other keys are set with jansson directly. */
#ifndef COMMON_STAGE_RECORD_H
#define COMMON_STAGE_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/tube.h"

enum stage_name { STAGE_FETCH, STAGE_SPLIT, STAGE_CROP, STAGE_VERIFY, STAGE_NAME_COUNT };
enum record_kind { KIND_VIDEO, KIND_CHUNK, KIND_CLIP, KIND_COUNT };
enum record_status { STATUS_OK, STATUS_FAILED, STATUS_SKIPPED, STATUS_COUNT };

/* The keys of every record, checked. The strings belong to the record. */
struct record_head {
    enum stage_name stage;
    enum record_kind kind;
    enum record_status status;
    const char *key;  /* passed name_check_id (video) or name_check (chunk, clip) */
    const char *path; /* NULL when there is none */
    bool cached;
    enum error_word error; /* ERROR_NONE when ok, or when the word is not one of the table */
    bool retry;
};

/* The manifest's words for these. Never NULL. */
const char *record_stage_text(enum stage_name stage);
const char *record_kind_text(enum record_kind kind);
const char *record_status_text(enum record_status status);

/* A new record (json_decref) with status ok; path may be NULL. Keys: stage, kind, key, status, path, cached (only when
 * true). NULL when out of memory or when a string is not UTF-8. */
json_t *record_ok(enum stage_name stage, enum record_kind kind, const char *key, const char *path, bool cached);

/* A new record (json_decref) with status failed or skipped, with error, retry and message. retry is true for the
 * classes TRANSIENT and VERDICT, and for all failures of th-verify. NULL as above. */
json_t *record_not_ok(enum stage_name stage, enum record_kind kind, const char *key, enum record_status status,
                      const struct error *error);

/* Adds the members of `members` (stolen, may be NULL: then it fails) to *record. On failure *record is freed and set to
 * NULL, so that only the last of several calls needs a check. Example: record_add(&r, json_pack("{s:i}", ...)). */
void record_add(json_t **record, json_t *members);

/* Copies those of the named members that `from` has; names is a NULL-ended list. Fails as record_add. */
void record_copy(json_t **record, const json_t *from, const char *const *names);

/* Reads the keys that every record has. 0, or -1 and error (io, or bad_id for the key), which names the member. */
int record_read_head(const json_t *record, struct record_head *head, struct error *error);

/* A tube as a JSON object: {"H":..,"W":..,"S":..,"E":..,"L":..,"T":..,"R":..,"B":..}. New (json_decref), NULL
 * when out of memory. */
json_t *record_from_tube(const struct tube *tube);

/* The member "tube" of record. 0, or -1 and error (bad_tube). */
int record_get_tube(const json_t *record, struct tube *tube, struct error *error);

/* The string of member name, NULL when it is missing or no string. Owned by record. */
const char *record_text(const json_t *record, const char *name);

#endif
