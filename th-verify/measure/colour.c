#include "th-verify/measure/colour.h"

#include <libavutil/pixdesc.h>

enum { PLANES = 2 };

void colour_of_frame(struct colour *colour, const AVFrame *frame)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);

    colour->is_set = false;
    if (!format || format->nb_components <= PLANES)
        return;
    for (int i = 0; i < PLANES; i++)
        if (luma_of_component(&colour->planes[i], frame, i + 1))
            return;
    colour->log2_w = format->log2_chroma_w;
    colour->log2_h = format->log2_chroma_h;
    colour->is_set = true;
}

void colour_clear(struct colour *colour)
{
    for (int i = 0; i < PLANES; i++)
        luma_clear(&colour->planes[i]);
    *colour = (struct colour){0};
}

double colour_difference(const struct colour *picture, const struct colour *other, const struct box *box, int step)
{
    int x = box->x >> other->log2_w, y = box->y >> other->log2_h;
    int w = box->w >> other->log2_w, h = box->h >> other->log2_h;
    double sum = 0;

    if (!picture->is_set || !other->is_set || picture->log2_w != other->log2_w || picture->log2_h != other->log2_h ||
        w <= 0 || h <= 0)
        return -1;
    for (int i = 0; i < PLANES; i++) {
        const struct luma_part a = {&picture->planes[i], 0, 0}, b = {&other->planes[i], x, y};

        sum += luma_block_difference(&a, &b, w, h, step);
    }
    return sum / PLANES;
}
