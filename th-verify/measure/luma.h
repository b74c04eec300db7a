/* The luma of a picture, or another component, as plain bytes, and how far two of them are apart. */
#ifndef TH_VERIFY_MEASURE_LUMA_H
#define TH_VERIFY_MEASURE_LUMA_H

#include <libavutil/frame.h>
#include <stddef.h>
#include <stdint.h>

/* A component of a picture, 8 bits a sample. */
struct luma {
    const uint8_t *data; /* the frame's own, or copy */
    ptrdiff_t linesize;
    int width, height;
    uint8_t *copy; /* of deeper or interleaved samples; owned, used again for the next picture */
    size_t room;   /* of copy */
};

/* Sees the first component of frame (luma for video), which must outlive it; deeper samples are brought to 8 bits. 0,
 * or -1 when its samples are not plain integers of 8 to 16 bits, or memory runs out. */
int luma_of_frame(struct luma *luma, const AVFrame *frame);

/* The same for its component `number`, counted from 0, which it must have: 1 and 2 are the chroma of video, and on the
 * grid of that. */
int luma_of_component(struct luma *luma, const AVFrame *frame, int number);

/* Frees what luma owns and makes it empty. */
void luma_clear(struct luma *luma);

/* A rectangle of a luma picture, which it must be inside of. */
struct luma_part {
    const struct luma *luma;
    int x, y;
};

/* The sum of the squared differences of two parts of w x h samples, over every step-th row. Pure. */
double luma_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step);

/* The same for the differences less their mean in each run of 16 samples of a row: what is brighter or darker as a
 * whole, as a smooth picture that has moved, or that an encoder rounded, is the same. Pure. */
double luma_detail_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step);

/* The mean square of the differences between the means of 8x8 blocks, over every step-th row of whole blocks; smaller
 * parts are one block. What an encoder loses is detail, so it moves these means little. Pure. */
double luma_block_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step);

#endif
