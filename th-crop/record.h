/* The records of clips, and which tubes get one without any work. */
#ifndef TH_CROP_RECORD_H
#define TH_CROP_RECORD_H

#include <jansson.h>

#include "common/box.h"
#include "common/stage/record.h"
#include "common/tube.h"
#include "th-crop/options.h"
#include "th-crop/plan/plan.h"

struct crop;

/* Where a clip comes from. */
struct clip_origin {
    const char *chunk;     /* its name */
    const char *source;    /* path of the chunk's file, NULL when not known */
    const json_t *range;   /* where it stands in the video that source then is; NULL: source is its own */
    const json_t *lineage; /* crop_record_lineage() of a record that it descends from; NULL when none */
};

/* What is known of a clip that is there. */
struct clip_facts {
    const struct output_settings *settings; /* by which it was made */
    const char *path;
    bool cached;
    const struct box *box; /* NULL when not known, and then width and height do not count */
    int width, height;     /* of the chunk's picture */
    int64_t frames;        /* in the file, -1 when not known */
    int sound;             /* 1: the clip has sound, 0: it has none, -1: not known */
    const char *note;      /* why it has none, NULL or empty when there is nothing to say */
    int64_t bytes;
};

/* The members of a chunk or clip record that go on to its clips: source page, title, uploader, licence. New
 * (json_decref); NULL when it has none of them. */
json_t *crop_record_lineage(const json_t *record);

/* New records (json_decref); NULL when out of memory or when a path is not UTF-8. */
json_t *crop_record_ok(const struct clip_origin *origin, const struct tube *tube, const struct clip_facts *facts);
json_t *crop_record_not_ok(const struct clip_origin *origin, const struct tube *tube, enum record_status status,
                           const struct error *error);

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
