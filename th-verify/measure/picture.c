#include "th-verify/measure/picture.h"

#include <libavutil/intreadwrite.h>
#include <stdlib.h>

/* One component of a picture as plain memory. */
struct plane {
    const uint8_t *data;
    ptrdiff_t linesize; /* bytes */
    int step;           /* bytes from one sample to the next */
    int shift, depth;   /* bits */
    bool is_big_endian;
};

bool picture_has_plain_samples(const AVPixFmtDescriptor *format, int component)
{
    const uint64_t others = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT;

    return !(format->flags & others) && format->comp[component].depth >= 8 && format->comp[component].depth <= 16;
}

static struct plane first_component(const AVFrame *frame, const AVPixFmtDescriptor *format)
{
    const AVComponentDescriptor *component = &format->comp[0];

    return (struct plane){.data = frame->data[component->plane] + component->offset,
                          .linesize = frame->linesize[component->plane],
                          .step = component->step,
                          .shift = component->shift,
                          .depth = component->depth,
                          .is_big_endian = format->flags & AV_PIX_FMT_FLAG_BE};
}

static int64_t row_sum(const struct plane *plane, const uint8_t *sample, int count)
{
    int64_t sum = 0;

    if (plane->depth + plane->shift <= 8) {
        for (int i = 0; i < count; i++)
            sum += sample[(ptrdiff_t)i * plane->step];
        return sum;
    }
    for (int i = 0; i < count; i++, sample += plane->step)
        sum += (plane->is_big_endian ? AV_RB16(sample) : AV_RL16(sample)) >> plane->shift;
    return sum;
}

static int64_t block_sum(const struct plane *plane, int x, int y, int w, int h)
{
    int64_t sum = 0;

    for (int row = y; row < y + h; row++)
        sum += row_sum(plane, plane->data + row * plane->linesize + (ptrdiff_t)x * plane->step, w);
    return sum;
}

double picture_distance(const AVFrame *a, const AVFrame *b)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(a->format);
    int w = FFMIN(a->width, PICTURE_BLOCK), h = FFMIN(a->height, PICTURE_BLOCK);
    struct plane first, second;
    int64_t largest = 0;

    if (a->width != b->width || a->height != b->height || a->format != b->format || !format ||
        !picture_has_plain_samples(format, 0) || w <= 0 || h <= 0)
        return -1;
    first = first_component(a, format);
    second = first_component(b, format);
    for (int y = 0; y + h <= a->height; y += h)
        for (int x = 0; x + w <= a->width; x += w) {
            int64_t difference = llabs(block_sum(&first, x, y, w, h) - block_sum(&second, x, y, w, h));

            largest = FFMAX(largest, difference);
        }
    return (double)largest / (w * h) / (1 << (first.depth - 8));
}
