/* The records of clips. */
#ifndef TH_CROP_RECORD_H
#define TH_CROP_RECORD_H

#include <jansson.h>

#include "common/box.h"
#include "common/stage/record.h"
#include "common/tube.h"
#include "th-crop/options.h"

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

#endif
