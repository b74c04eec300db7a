/* The samples of decoded pictures, and how much two pictures differ. */
#ifndef TH_VERIFY_MEASURE_PICTURE_H
#define TH_VERIFY_MEASURE_PICTURE_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/tube.h"

/* Width and height of the blocks that are compared, in samples. */
enum { PICTURE_BLOCK = 8 };

/* A component of a picture, 8 bits a sample. Begins zeroed. */
struct picture_plane {
    const uint8_t *data; /* the frame's, or copy */
    ptrdiff_t linesize;
    int width, height;
    uint8_t *copy; /* of samples of more than 8 bits, or interleaved ones; owned, used again for the next picture */
    unsigned room; /* of copy */
};

/* Sets luma to the first component of frame (luma for video), which must outlive it; keeps the highest 8 bits of each
 * sample. 0, or -1 when the samples are not plain integers of 8 to 16 bits, or memory runs out. */
int picture_luma(struct picture_plane *luma, const AVFrame *frame);

/* The second and third component of a picture: its chroma, or green and blue. Begins zeroed. */
struct picture_colours {
    struct picture_plane planes[2];
    int log2_w, log2_h; /* subsampling of the planes */
    bool is_set;        /* the picture has colours that can be compared */
};

/* Sets colours to the chroma of frame, which must outlive it. Grey pictures, and those that picture_luma refuses, have
 * none. */
void picture_colours(struct picture_colours *colours, const AVFrame *frame);

/* Frees what plane or colours owns and makes it empty. */
void picture_plane_clear(struct picture_plane *plane);
void picture_colours_clear(struct picture_colours *colours);

/* A rectangle at x, y, inside plane. */
struct picture_part {
    const struct picture_plane *plane;
    int x, y;
};

/* The sum of the squared differences of two parts of w x h samples, over every step-th row. Pure. */
double picture_difference(const struct picture_part *a, const struct picture_part *b, int w, int h, int step);

/* The same for the differences less their mean in each run of 16 samples of a row. This ignores brightness, which
 * changes when a smooth picture moves or an encoder rounds it. Pure. */
double picture_detail_difference(const struct picture_part *a, const struct picture_part *b, int w, int h, int step);

/* The mean square of the differences between the means of blocks, over every step-th row of whole blocks; smaller parts
 * are one block. Encoders lose detail, so they change these means little. Pure. */
double picture_block_difference(const struct picture_part *a, const struct picture_part *b, int w, int h, int step);

/* The mean of picture_block_difference over the colours of a picture and those in the box of another; -1 when one has
 * no colours or another subsampling. The picture is as large as the box, which lies inside the other and on its chroma
 * grid. Pure. */
double picture_colour_difference(const struct picture_colours *picture, const struct picture_colours *other,
                                 const struct box *box, int step);

/* The largest difference between the means of a block in the luma of a and of b, over all whole blocks, in levels of 8
 * bit video (0..255). Encoding one picture twice changes the means little (x264: up to 2.5 at crf 29), while a blink
 * changes them by tens. -1 when the two cannot be compared: sizes or pixel formats differ, or picture_luma refuses the
 * format. Pure. */
double picture_distance(const AVFrame *a, const AVFrame *b);

#endif
