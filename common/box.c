#include "common/box.h"

#include <inttypes.h>
#include <stdint.h>

/* floor(listed * real / whole): where a listed coordinate lies in the picture at hand. */
static int scale_coordinate(int32_t listed, int real, int32_t whole)
{
    return (int)((int64_t)listed * real / whole);
}

/* True when width:height and W:H differ by more than 1%, compared as width * H and height * W. */
static int shapes_differ(const struct tube *tube, int width, int height)
{
    int64_t a = (int64_t)width * tube->height, b = (int64_t)height * tube->width;
    int64_t difference = a > b ? a - b : b - a, larger = a > b ? a : b;

    return difference > larger / 100;
}

int box_from_tube(const struct tube *tube, int width, int height, int log2_chroma_w, int log2_chroma_h, struct box *box,
                  struct error *error)
{
    int left, top, right, bottom;

    if (tube_check(tube, error))
        return -1;
    if (shapes_differ(tube, width, height))
        return error_set(error, ERROR_ASPECT_MISMATCH,
                         "the picture is %dx%d, the listed one %" PRId32 "x%" PRId32 ": another shape", width, height,
                         tube->width, tube->height);
    left = scale_coordinate(tube->left, width, tube->width);
    top = scale_coordinate(tube->top, height, tube->height);
    right = scale_coordinate(tube->right, width, tube->width);
    bottom = scale_coordinate(tube->bottom, height, tube->height);
    box->w = (right - left) & ~((1 << log2_chroma_w) - 1);
    box->h = (bottom - top) & ~((1 << log2_chroma_h) - 1);
    box->x = left & ~((1 << log2_chroma_w) - 1);
    box->y = top & ~((1 << log2_chroma_h) - 1);
    if (box->w <= 0 || box->h <= 0)
        return error_set(error, ERROR_EMPTY_BOX,
                         "nothing is left of the box L=%" PRId32 " T=%" PRId32 " R=%" PRId32 " B=%" PRId32
                         " in a picture of %dx%d",
                         tube->left, tube->top, tube->right, tube->bottom, width, height);
    return 0;
}
