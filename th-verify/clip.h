/* A clip that is to be verified: what it is called, where it lies, and what it was made from. */
#ifndef TH_VERIFY_CLIP_H
#define TH_VERIFY_CLIP_H

#include <jansson.h>
#include <stdbool.h>

#include "common/box.h"
#include "common/error.h"
#include "common/stage/record.h"
#include "common/tube.h"

/* tube has the frames that are in the clip; when only the name is known, its height and width are those of a picture
 * that just holds the box. box is the pixels that were taken. */
struct clip {
    char *key, *path;
    json_t *lineage; /* an object whose members are copied to the verdict: video, chunk, tube and others, if known */
    char *source;    /* address of the chunk (chunk_range_address); NULL when not known */
    struct tube tube;
    bool is_boxed; /* box is known */
    struct box box;
};

/* Each makes a clip (clip_free). On failure they return -1 and error, which is bad_tube, empty_box or outside_picture
 * for a tube that makes no sense, bad_id for a name, missing for a record without a path, and io otherwise. */

/* From a record of kind clip whose head is read. Without a "tube" in the record, the tube is the one in the name. */
int clip_from_record(struct clip **clip, json_t *record, const struct record_head *head, struct error *error);

/* From the path of a file that bears a clip's name. */
int clip_from_path(struct clip **clip, const char *path, struct error *error);

/* From a row of a tube list: the file is DIR/NAME.mp4. */
int clip_from_row(struct clip **clip, const char *dir, const char *chunk, const struct tube *tube, struct error *error);

/* Makes DIR/CHUNK.mp4 the source of a clip that names none, when its name says the chunk. 0, or -1 when out of memory.
 */
int clip_find_source(struct clip *clip, const char *dir);

/* Frees *clip and leaves NULL; takes NULL. */
void clip_free(struct clip **clip);

/* Where a row's clip comes from, for records of rows that make no clip: video, chunk and tube. New, NULL when out of
 * memory. */
json_t *clip_origin(const char *chunk, const struct tube *tube);

#endif
