/* The luma of a picture, or another component, as plain bytes, and differences between two of them. */
#ifndef TH_VERIFY_MEASURE_LUMA_H
#define TH_VERIFY_MEASURE_LUMA_H

#include <libavutil/frame.h>
#include <stddef.h>
#include <stdint.h>

/* A component of a picture, 8 bits a sample. */
struct luma {
    const uint8_t *data; /* the frame's, or copy */
    ptrdiff_t linesize;
    int width, height;
    uint8_t *copy; /* of samples of more than 8 bits, or interleaved ones; owned, used again for the next picture */
    size_t room;   /* of copy */
};

/* Sets luma to the first component of frame (luma for video), which must outlive it; keeps the highest 8 bits of each
 * sample. 0, or -1 when the samples are not plain integers of 8 to 16 bits, or memory runs out. */
int luma_of_frame(struct luma *luma, const AVFrame *frame);

/* The same for component `number`, from 0, which frame must have. 1 and 2 are chroma, which may be subsampled. */
int luma_of_component(struct luma *luma, const AVFrame *frame, int number);

/* Frees what luma owns and makes it empty. */
void luma_clear(struct luma *luma);

/* A rectangle at x, y, inside luma. */
struct luma_part {
    const struct luma *luma;
    int x, y;
};

/* The sum of the squared differences of two parts of w x h samples, over every step-th row. Pure. */
double luma_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step);

/* The same for the differences less their mean in each run of 16 samples of a row. This ignores brightness, which
 * changes when a smooth picture moves or an encoder rounds it. Pure. */
double luma_detail_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step);

/* The mean square of the differences between the means of 8x8 blocks, over every step-th row of whole blocks; smaller
 * parts are one block. Encoders lose detail, so they change these means little. Pure. */
double luma_block_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step);

#endif
