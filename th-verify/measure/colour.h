/* The chroma of a picture, and the difference between those of two pictures. */
#ifndef TH_VERIFY_MEASURE_COLOUR_H
#define TH_VERIFY_MEASURE_COLOUR_H

#include <libavutil/frame.h>
#include <stdbool.h>

#include "common/tube.h"
#include "th-verify/measure/luma.h"

/* The second and third component of a picture: its chroma, or green and blue. Begins zeroed. */
struct colour {
    struct luma planes[2];
    int log2_w, log2_h; /* subsampling of the planes */
    bool is_set;        /* the picture has colours that can be compared */
};

/* Sets colour to the chroma of frame, which must outlive it. Grey pictures, and those that luma_of_frame refuses, have
 * none. */
void colour_of_frame(struct colour *colour, const AVFrame *frame);

/* Frees what colour owns and makes it empty. */
void colour_clear(struct colour *colour);

/* The mean square difference between the blocks (luma_block_difference) of a picture and those in the box of another;
 * -1 when one has no colours or another subsampling. The picture is as large as the box, which lies inside the other
 * and on its chroma grid. Pure. */
double colour_difference(const struct colour *picture, const struct colour *other, const struct box *box, int step);

#endif
