/* A clip that is to be verified: its name, its file, and what it was made from. */
#ifndef TH_VERIFY_CLIP_H
#define TH_VERIFY_CLIP_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/stage/record.h"
#include "common/tube.h"

/* tube has the frames of the clip, without those that were trimmed. When only the name is known, the tube's height and
 * width are those of the smallest picture that holds its box. box is the pixels that were taken. */
struct clip {
    char *key, *path;
    json_t *lineage; /* video, chunk, tube and other members for the verdict, as far as known; owned */
    char *source;    /* address of the chunk (chunk_range_address); NULL when not known */
    struct tube tube;
    bool is_boxed; /* box is known */
    struct box box;
};

/* Each makes a clip (clip_free). On failure they return -1 and error, which is bad_tube, empty_box or outside_picture
 * for a tube that is not valid, bad_id for a name, missing for a record without a path, and io otherwise. */

/* From a record of kind clip whose head is read. Without a "tube" in the record, the tube is the one in the name. */
int clip_from_record(struct clip **clip, json_t *record, const struct record_head *head, struct error *error);

/* From the path of a file that has a clip's name. */
int clip_from_path(struct clip **clip, const char *path, struct error *error);

/* From a row of a tube list: the file is DIR/NAME.mp4. */
int clip_from_row(struct clip **clip, const char *dir, const char *chunk, const struct tube *tube, struct error *error);

/* Sets the source of a clip without one to DIR/CHUNK.mp4, when its name contains the chunk's. 0, or -1 when out of
 * memory. */
int clip_find_source(struct clip *clip, const char *dir);

/* Frees *clip and leaves NULL; takes NULL. */
void clip_free(struct clip **clip);

/* The members video, chunk and tube (may be NULL) as a new object, NULL when out of memory. */
json_t *clip_origin(const char *chunk, const struct tube *tube);

#endif
