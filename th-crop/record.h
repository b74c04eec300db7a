/* The records of clips: how they are made, and which are written. */
#ifndef TH_CROP_RECORD_H
#define TH_CROP_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "common/stage/record.h"
#include "common/tube.h"
#include "th-crop/options.h"
#include "th-crop/plan/plan.h"

struct crop;

/* Where a clip comes from. */
struct clip_origin {
    const char *chunk;     /* its name */
    const char *source;    /* path of the file that holds it, NULL when not known */
    bool is_discarded;     /* the video was discarded, and source is not there */
    const json_t *range;   /* the chunk's place in source when that is the whole video, else NULL */
    const json_t *lineage; /* crop_record_lineage() of an earlier record, NULL when there is none */
};

/* A clip that exists. */
struct clip_facts {
    const struct output_settings *settings; /* it was made with these */
    const char *path;
    bool cached;           /* it existed before */
    const struct box *box; /* NULL when not known; then width and height are ignored */
    int width, height;     /* of the chunk's picture */
    int64_t frames;        /* in the file, -1 when not known */
    int sound;             /* 1: the clip has sound, 0: it has none, -1: not known */
    const char *note;      /* about the sound; NULL or "" when there is nothing to say */
    int64_t bytes;
};

/* The members of a chunk or clip record that its clips inherit: source page, title, uploader, licence. New
 * (json_decref); NULL when it has none of them. */
json_t *crop_record_lineage(const json_t *record);

/* New records (json_decref); NULL when out of memory or when a path is not UTF-8. */
json_t *crop_record_ok(const struct clip_origin *origin, const struct tube *tube, const struct clip_facts *facts);
json_t *crop_record_not_ok(const struct clip_origin *origin, const struct tube *tube, enum record_status status,
                           const struct error *error);

/* The origin of the chunk's clips. source: path of the chunk's file or of its video, or NULL. Valid as long as both. */
struct clip_origin crop_record_origin(const struct plan_chunk *chunk, const char *source);

/* Writes record (stolen; NULL: out of memory) once for each record that the request still lacks, and notes that. When
 * it lacks none, a record that is not ok is written once more, because the earlier one is wrong now. is_final as in
 * plan_request_recorded(). */
void crop_record_emit(struct crop *crop, struct plan_request *request, json_t *record, bool is_final);

/* The same with a record that says why the tube failed or was skipped. source may be NULL. */
void crop_record_emit_not_ok(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                             struct plan_request *request, enum record_status status, const struct error *error);

/* Records what needs neither a chunk nor a job: rows that name an existing clip for a picture of another size, and
 * tubes that --min-frames or --trim-edges leave out. */
void crop_record_unmakeable(struct crop *crop, const struct plan_chunk *chunk);

/* Records every pending tube of the chunk: as ok if its clip exists, else with refusal; with uses_former, a tube that a
 * former run skipped keeps that run's reason. source may be NULL. */
void crop_record_refused(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                         const struct refusal *refusal, bool uses_former);

#endif
