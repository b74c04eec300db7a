/* Frame numbers drawn into pictures as a pattern that survives lossy encoding and cropping: a bar of light and dark
 * cells, read back from wherever it stands in a picture. */
#ifndef COMMON_DEMO_FRAME_CODE_H
#define COMMON_DEMO_FRAME_CODE_H

#include <libavutil/frame.h>

/* In pixels. The grid of cells has a light margin of one cell all round, which belongs to the pattern. */
enum {
    FRAME_CODE_CELL = 6,
    FRAME_CODE_COLUMNS = 10,
    FRAME_CODE_ROWS = 4,
    FRAME_CODE_WIDTH = (FRAME_CODE_COLUMNS + 2) * FRAME_CODE_CELL,
    FRAME_CODE_HEIGHT = (FRAME_CODE_ROWS + 2) * FRAME_CODE_CELL,
    FRAME_CODE_MAX = 0xffff /* the largest number */
};

/* Where a pattern was found; kept between the frames of a clip, it makes reading fast. */
struct frame_code_place {
    int x, y; /* pixels; any value to begin with */
};

/* Draws number (0..FRAME_CODE_MAX) into a writable yuv420p picture, left top corner at x, y (even, and such that all of
 * the pattern is inside the picture). */
void frame_code_draw(AVFrame *picture, int x, int y, int number);

/* The number in a picture with 8 bit luma in plane 0, or -1 when there is no readable pattern. Tries *place first, then
 * every position, for a crop may begin at any pixel; sets *place where it finds one. */
int frame_code_read(const AVFrame *picture, struct frame_code_place *place);

#endif
