/* The colours of a picture beside its luma, and how far those of two pictures are apart. */
#ifndef TH_VERIFY_MEASURE_COLOUR_H
#define TH_VERIFY_MEASURE_COLOUR_H

#include <libavutil/frame.h>
#include <stdbool.h>

#include "common/box.h"
#include "th-verify/measure/luma.h"

/* The second and third component of a picture: its chroma, or green and blue. Begins zeroed. */
struct colour {
    struct luma planes[2];
    int log2_w, log2_h; /* of the grid on which the picture has them */
    bool is_set;        /* the picture has them */
};

/* Sees the colours of frame, which must outlive it. Grey pictures, and those that luma_of_frame does not take, have
 * none. */
void colour_of_frame(struct colour *colour, const AVFrame *frame);

/* Frees what colour owns and makes it empty. */
void colour_clear(struct colour *colour);

/* The mean square difference between the blocks (luma_block_difference) of a picture and those in the box of another;
 * -1 when one has no colours, or they have them on different grids. The picture is as large as the box, which is inside
 * the other and on the grid. Pure. */
double colour_difference(const struct colour *picture, const struct colour *other, const struct box *box, int step);

#endif
