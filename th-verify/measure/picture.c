#include "th-verify/measure/picture.h"

#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <stdlib.h>

enum {
    RUN = 16,  /* samples: the compiler vectorizes loops of that length */
    PLANES = 2 /* of colour */
};

void picture_plane_clear(struct picture_plane *plane)
{
    av_free(plane->copy);
    *plane = (struct picture_plane){0};
}

/* Copies the plane, the highest 8 bits of each sample. 0, or -1 when memory runs out. */
static int copy_samples(struct picture_plane *plane, const AVComponentDescriptor *component, bool is_big)
{
    bool is_byte = component->depth + component->shift <= 8;
    uint8_t *to;

    av_fast_malloc(&plane->copy, &plane->room, (size_t)plane->width * (size_t)plane->height);
    to = plane->copy;
    if (!to)
        return -1;
    for (int y = 0; y < plane->height; y++) {
        const uint8_t *from = plane->data + y * plane->linesize;

        for (int x = 0; x < plane->width; x++, from += component->step) {
            unsigned sample = is_byte ? *from : is_big ? AV_RB16(from) : AV_RL16(from);

            *to++ = (uint8_t)(sample >> (component->shift + component->depth - 8));
        }
    }
    plane->data = plane->copy;
    plane->linesize = plane->width;
    return 0;
}

/* True when the samples of the component are plain integers of 8 to 16 bits, not packed into shared bytes. */
static bool has_plain_samples(const AVPixFmtDescriptor *format, int component)
{
    const uint64_t others = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT;

    return !(format->flags & others) && format->comp[component].depth >= 8 && format->comp[component].depth <= 16;
}

/* picture_luma for component `number`, from 0, which frame must have. 1 and 2 are chroma, which may be subsampled. */
static int set_plane(struct picture_plane *plane, const AVFrame *frame, int number)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    const AVComponentDescriptor *component;
    bool is_chroma = number == 1 || number == 2;

    if (!format || !has_plain_samples(format, number))
        return -1;
    component = &format->comp[number];
    plane->width = is_chroma ? AV_CEIL_RSHIFT(frame->width, format->log2_chroma_w) : frame->width;
    plane->height = is_chroma ? AV_CEIL_RSHIFT(frame->height, format->log2_chroma_h) : frame->height;
    plane->data = frame->data[component->plane] + component->offset;
    plane->linesize = frame->linesize[component->plane];
    if (component->step == 1 && component->depth == 8)
        return 0;
    return copy_samples(plane, component, format->flags & AV_PIX_FMT_FLAG_BE);
}

int picture_luma(struct picture_plane *luma, const AVFrame *frame)
{
    return set_plane(luma, frame, 0);
}

void picture_colours(struct picture_colours *colours, const AVFrame *frame)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);

    colours->is_set = false;
    if (!format || format->nb_components <= PLANES)
        return;
    for (int i = 0; i < PLANES; i++)
        if (set_plane(&colours->planes[i], frame, i + 1))
            return;
    colours->log2_w = format->log2_chroma_w;
    colours->log2_h = format->log2_chroma_h;
    colours->is_set = true;
}

void picture_colours_clear(struct picture_colours *colours)
{
    for (int i = 0; i < PLANES; i++)
        picture_plane_clear(&colours->planes[i]);
    *colours = (struct picture_colours){0};
}

static const uint8_t *row_of(const struct picture_part *part, int row)
{
    return part->plane->data + (part->y + row) * part->plane->linesize + part->x;
}

static int64_t row_difference(const uint8_t *a, const uint8_t *b, int w)
{
    int64_t sum = 0;
    int x = 0;

    for (; x + RUN <= w; x += RUN) {
        int run = 0;

        for (int i = 0; i < RUN; i++)
            run += (a[x + i] - b[x + i]) * (a[x + i] - b[x + i]);
        sum += run;
    }
    for (; x < w; x++) {
        int difference = a[x] - b[x];

        sum += (int64_t)difference * difference;
    }
    return sum;
}

/* A run whose differences are all equal adds nothing. */
static double row_detail(const uint8_t *a, const uint8_t *b, int w)
{
    double sum = 0;

    for (int x = 0; x < w; x += RUN) {
        int count = FFMIN(RUN, w - x), run = 0, squares = 0;

        if (count == RUN)
            for (int i = 0; i < RUN; i++) {
                int difference = a[x + i] - b[x + i];

                run += difference;
                squares += difference * difference;
            }
        for (int i = 0; count < RUN && i < count; i++) {
            run += a[x + i] - b[x + i];
            squares += (a[x + i] - b[x + i]) * (a[x + i] - b[x + i]);
        }
        sum += squares - (double)run * run / count;
    }
    return sum;
}

double picture_detail_difference(const struct picture_part *a, const struct picture_part *b, int w, int h, int step)
{
    double sum = 0;

    for (int y = 0; y < h; y += step)
        sum += row_detail(row_of(a, y), row_of(b, y), w);
    return sum;
}

double picture_difference(const struct picture_part *a, const struct picture_part *b, int w, int h, int step)
{
    int64_t sum = 0;

    for (int y = 0; y < h; y += step)
        sum += row_difference(row_of(a, y), row_of(b, y), w);
    return (double)sum;
}

/* The difference of the sums of a block of w x h samples at x, y. */
static int block_difference(const struct picture_part *a, const struct picture_part *b, int x, int y, int w, int h)
{
    int sum = 0;

    for (int row = y; row < y + h; row++) {
        const uint8_t *p = row_of(a, row) + x, *q = row_of(b, row) + x;

        for (int i = 0; i < w; i++)
            sum += p[i] - q[i];
    }
    return sum;
}

double picture_block_difference(const struct picture_part *a, const struct picture_part *b, int w, int h, int step)
{
    int wide = FFMIN(w, PICTURE_BLOCK), high = FFMIN(h, PICTURE_BLOCK);
    double sum = 0;
    int count = 0;

    for (int y = 0; y + high <= h; y += high * step)
        for (int x = 0; x + wide <= w; x += wide, count++) {
            double difference = (double)block_difference(a, b, x, y, wide, high) / (wide * high);

            sum += difference * difference;
        }
    return count ? sum / count : 0;
}

double picture_colour_difference(const struct picture_colours *picture, const struct picture_colours *other,
                                 const struct box *box, int step)
{
    int x = box->x >> other->log2_w, y = box->y >> other->log2_h;
    int w = box->w >> other->log2_w, h = box->h >> other->log2_h;
    double sum = 0;

    if (!picture->is_set || !other->is_set || picture->log2_w != other->log2_w || picture->log2_h != other->log2_h ||
        w <= 0 || h <= 0)
        return -1;
    for (int i = 0; i < PLANES; i++) {
        const struct picture_part a = {&picture->planes[i], 0, 0}, b = {&other->planes[i], x, y};

        sum += picture_block_difference(&a, &b, w, h, step);
    }
    return sum / PLANES;
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
        !has_plain_samples(format, 0) || w <= 0 || h <= 0)
        return -1;
    for (int y = 0; y + h <= a->height; y += h)
        for (int x = 0; x + w <= a->width; x += w) {
            int64_t difference = llabs(block_sum(a, format, x, y, w, h) - block_sum(b, format, x, y, w, h));

            largest = FFMAX(largest, difference);
        }
    return (double)largest / (w * h) / (1 << (format->comp[0].depth - 8));
}
