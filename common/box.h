/* Scales a tube's box from the listed picture to the decoded one. Pure. */
#ifndef COMMON_BOX_H
#define COMMON_BOX_H

#include "common/error.h"
#include "common/tube.h"

/* Pixels: the top left corner and the size. */
struct box {
    int x, y, w, h;
};

/* The box of tube in a picture of width x height whose chroma planes are subsampled by 1 << log2_chroma_w and
 * 1 << log2_chroma_h (AVPixFmtDescriptor). left = floor(L * width / W), top = floor(T * height / H), and so on in 64
 * bit integers; then the size is rounded down to the chroma grid and after it the origin, as FFmpeg's crop filter does
 * (libavfilter/vf_crop.c with exact=0).
 * 0, or -1 and error: what tube_check says, aspect_mismatch (the shapes width:height and W:H differ by more than 1%),
 * empty_box (no pixel is left). */
int box_from_tube(const struct tube *tube, int width, int height, int log2_chroma_w, int log2_chroma_h, struct box *box,
                  struct error *error);

#endif
