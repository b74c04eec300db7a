#include "th-verify/measure/picture.h"

#include <libavutil/intreadwrite.h>
#include <stdlib.h>

bool picture_has_plain_samples(const AVPixFmtDescriptor *format, int component)
{
    const uint64_t others = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT;

    return !(format->flags & others) && format->comp[component].depth >= 8 && format->comp[component].depth <= 16;
}

/* The sum of w x h samples of the first component at x, y. */
static int64_t block_sum(const AVFrame *frame, const AVPixFmtDescriptor *format, int x, int y, int w, int h)
{
    const AVComponentDescriptor *component = &format->comp[0];
    bool is_big_endian = format->flags & AV_PIX_FMT_FLAG_BE, is_byte = component->depth + component->shift <= 8;
    int64_t sum = 0;

    for (int row = y; row < y + h; row++) {
        const uint8_t *sample = frame->data[component->plane] + component->offset +
                                (ptrdiff_t)row * frame->linesize[component->plane] + (ptrdiff_t)x * component->step;

        if (is_byte)
            for (int i = 0; i < w; i++)
                sum += sample[(ptrdiff_t)i * component->step];
        else
            for (int i = 0; i < w; i++, sample += component->step)
                sum += (is_big_endian ? AV_RB16(sample) : AV_RL16(sample)) >> component->shift;
    }
    return sum;
}

double picture_distance(const AVFrame *a, const AVFrame *b)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(a->format);
    int w = FFMIN(a->width, PICTURE_BLOCK), h = FFMIN(a->height, PICTURE_BLOCK);
    int64_t largest = 0;

    if (a->width != b->width || a->height != b->height || a->format != b->format || !format ||
        !picture_has_plain_samples(format, 0) || w <= 0 || h <= 0)
        return -1;
    for (int y = 0; y + h <= a->height; y += h)
        for (int x = 0; x + w <= a->width; x += w) {
            int64_t difference = llabs(block_sum(a, format, x, y, w, h) - block_sum(b, format, x, y, w, h));

            largest = FFMAX(largest, difference);
        }
    return (double)largest / (w * h) / (1 << (format->comp[0].depth - 8));
}
