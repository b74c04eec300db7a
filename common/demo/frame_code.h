/* Draws frame numbers into pictures and reads them back. The pattern of light and dark cells survives lossy encoding
 * and cropping, and is found anywhere in a picture. */
#ifndef COMMON_DEMO_FRAME_CODE_H
#define COMMON_DEMO_FRAME_CODE_H

#include <libavutil/frame.h>

/* In pixels. The pattern includes a light margin of one cell around the grid. */
enum {
    FRAME_CODE_CELL = 6,
    FRAME_CODE_COLUMNS = 10,
    FRAME_CODE_ROWS = 4,
    FRAME_CODE_WIDTH = (FRAME_CODE_COLUMNS + 2) * FRAME_CODE_CELL,
    FRAME_CODE_HEIGHT = (FRAME_CODE_ROWS + 2) * FRAME_CODE_CELL,
    FRAME_CODE_MAX = 0xffff /* the largest number */
};

/* Where a pattern was found. Keep it between the frames of a clip: it makes reading fast. */
struct frame_code_place {
    int x, y; /* pixels; any value to begin with */
};

/* Draws number (0..FRAME_CODE_MAX) into a writable yuv420p picture, left top corner at x, y (even numbers; the
 * whole pattern must be inside the picture). */
void frame_code_draw(AVFrame *picture, int x, int y, int number);

/* The number in a picture with 8 bit luma in plane 0, or -1 when there is no readable pattern. Tries *place first, then
 * every position, because a crop may begin at any pixel. Sets *place to where it finds one. */
int frame_code_read(const AVFrame *picture, struct frame_code_place *place);

#endif
