/* Scales the pictures of a clip made with --size back to the size of their box, so that they can be compared. */
#ifndef TH_VERIFY_MEASURE_UNSCALER_H
#define TH_VERIFY_MEASURE_UNSCALER_H

#include <jansson.h>
#include <libavutil/frame.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/tube.h"

/* How th-crop scaled the pictures, and what of them is compared. */
struct unscaler_plan {
    struct box clip;  /* the part of the clip's picture that shows the box, without padding */
    struct box whole; /* w, h: the size to which the box was scaled; x, y: where the part is in it */
    struct box from;  /* the box, in pixels of the chunk */
    struct box box;   /* the pixels of the chunk that the part shows, without the edges of a cut */
};

/* From the record's member "scale" (width, height, fit), for pixels of the shape `aspect` (0/1: square) and a chroma
 * grid of the clip of step_x, step_y. False when scale is not valid, or when less than a fourth of the box's width or
 * height is left, which is too little to compare. Pure. */
bool unscaler_make_plan(const json_t *scale, const struct box *box, AVRational aspect, int step_x, int step_y,
                        struct unscaler_plan *plan);

struct unscaler;

/* For frames like `first`. 0 and *unscaler (unscaler_close), or -1 and error. */
int unscaler_open(struct unscaler **unscaler, const struct unscaler_plan *plan, const AVFrame *first,
                  struct error *error);

/* Frees and leaves NULL; takes NULL. */
void unscaler_close(struct unscaler **unscaler);

/* The frame at the size of plan->box; owned by the unscaler, valid until the next call. NULL and error on failure. */
const AVFrame *unscaler_scale(struct unscaler *unscaler, const AVFrame *frame, struct error *error);

#endif
