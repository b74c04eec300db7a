#include "th-verify/expected_size.h"

#include <limits.h>

#include "th-verify/measure/source.h"

const char *expected_size_origin_name(enum size_origin origin)
{
    static const char *const names[] = {"box", "source", "ratio", "scale"};

    return names[origin];
}

/* Reads what th-crop did after the crop. */
static void read_changes(const json_t *record, struct expected_size *size)
{
    const json_t *scale = json_object_get(record, "scale");
    json_int_t width = json_integer_value(json_object_get(scale, "width"));
    json_int_t height = json_integer_value(json_object_get(scale, "height"));
    json_int_t frames = json_integer_value(json_object_get(record, "frames"));

    if (width > 0 && width <= INT_MAX && height > 0 && height <= INT_MAX) {
        size->origin = SIZE_FROM_SCALE;
        size->width = (int)width;
        size->height = (int)height;
    }
    size->has_sound = json_is_true(json_object_get(record, "sound"));
    if (json_object_get(record, "fps"))
        size->frames = frames > 0 ? frames : -1;
}

void expected_size_find(const struct clip *clip, struct expected_size *size)
{
    const struct tube *tube = &clip->tube;
    struct source_picture picture;
    struct error error;
    struct box box;

    *size = (struct expected_size){.origin = SIZE_FROM_RATIO,
                                   .box = {tube->left, tube->top, tube->right - tube->left, tube->bottom - tube->top}};
    if (clip->is_boxed)
        *size = (struct expected_size){.origin = SIZE_FROM_BOX, .box = clip->box};
    else if (clip->source && json_object_get(clip->lineage, "tube") &&
             !source_read_picture(clip->source, &picture, &error) &&
             !tube_box(tube, picture.width, picture.height, picture.log2_chroma_w, picture.log2_chroma_h, &box, &error))
        *size = (struct expected_size){.origin = SIZE_FROM_SOURCE, .box = box};
    size->is_placed = size->origin != SIZE_FROM_RATIO;
    read_changes(clip->lineage, size);
}

/* The range of factors by which a listed length may have been scaled to `pixels`. Rounding of the edges changes it by
 * less than one pixel, the chroma grid shortens it by less than its step. */
static void scale_range(int32_t listed, int pixels, int log2_chroma, double *low, double *high)
{
    *low = (double)(pixels - 1) / listed;
    *high = (double)(pixels + (1 << log2_chroma)) / listed;
}

bool expected_size_ratio_fits(const struct tube *tube, int width, int height, int log2_chroma_w, int log2_chroma_h)
{
    const double shapes_differ = 1.01; /* the tolerance of tube_box */
    double low_x, high_x, low_y, high_y;

    if (width <= 0 || height <= 0)
        return false;
    scale_range(tube->right - tube->left, width, log2_chroma_w, &low_x, &high_x);
    scale_range(tube->bottom - tube->top, height, log2_chroma_h, &low_y, &high_y);
    return low_x < high_y * shapes_differ && low_y < high_x * shapes_differ;
}
