#include "th-verify/measure/luma.h"

#include <libavutil/intreadwrite.h>
#include <stdlib.h>

#include "th-verify/measure/picture.h"

enum {
    BLOCK = 8, /* width and height, samples */
    RUN = 16   /* samples: the compiler vectorizes loops of that length */
};

void luma_clear(struct luma *luma)
{
    free(luma->copy);
    *luma = (struct luma){0};
}

/* Copies a row of samples of the component, the highest 8 bits of each. */
static void copy_row(uint8_t *to, const uint8_t *from, int width, const AVComponentDescriptor *component, bool is_big)
{
    int lower = component->depth - 8;

    for (int x = 0; x < width; x++, from += component->step) {
        unsigned sample = component->depth + component->shift <= 8 ? *from : is_big ? AV_RB16(from) : AV_RL16(from);

        to[x] = (uint8_t)(sample >> (component->shift + lower));
    }
}

/* Copies all rows, the highest 8 bits of each sample. 0, or -1 when memory runs out. */
static int copy_rows(struct luma *luma, const AVComponentDescriptor *component, bool is_big)
{
    size_t size = (size_t)luma->width * (size_t)luma->height;

    if (luma->room < size) {
        uint8_t *more = realloc(luma->copy, size);

        if (!more)
            return -1;
        luma->copy = more;
        luma->room = size;
    }
    for (int y = 0; y < luma->height; y++)
        copy_row(luma->copy + (ptrdiff_t)y * luma->width, luma->data + y * luma->linesize, luma->width, component,
                 is_big);
    luma->data = luma->copy;
    luma->linesize = luma->width;
    return 0;
}

int luma_of_component(struct luma *luma, const AVFrame *frame, int number)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    const AVComponentDescriptor *component;
    bool is_chroma = number == 1 || number == 2;

    if (!format || !picture_has_plain_samples(format, number))
        return -1;
    component = &format->comp[number];
    luma->width = is_chroma ? AV_CEIL_RSHIFT(frame->width, format->log2_chroma_w) : frame->width;
    luma->height = is_chroma ? AV_CEIL_RSHIFT(frame->height, format->log2_chroma_h) : frame->height;
    luma->data = frame->data[component->plane] + component->offset;
    luma->linesize = frame->linesize[component->plane];
    if (component->step == 1 && component->depth == 8)
        return 0;
    return copy_rows(luma, component, format->flags & AV_PIX_FMT_FLAG_BE);
}

int luma_of_frame(struct luma *luma, const AVFrame *frame)
{
    return luma_of_component(luma, frame, 0);
}

static const uint8_t *row_of(const struct luma_part *part, int row)
{
    return part->luma->data + (part->y + row) * part->luma->linesize + part->x;
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

double luma_detail_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step)
{
    double sum = 0;

    for (int y = 0; y < h; y += step)
        sum += row_detail(row_of(a, y), row_of(b, y), w);
    return sum;
}

double luma_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step)
{
    int64_t sum = 0;

    for (int y = 0; y < h; y += step)
        sum += row_difference(row_of(a, y), row_of(b, y), w);
    return (double)sum;
}

/* The difference of the sums of a block of w x h samples at x, y. */
static int block_difference(const struct luma_part *a, const struct luma_part *b, int x, int y, int w, int h)
{
    int sum = 0;

    for (int row = y; row < y + h; row++) {
        const uint8_t *p = row_of(a, row) + x, *q = row_of(b, row) + x;

        for (int i = 0; i < w; i++)
            sum += p[i] - q[i];
    }
    return sum;
}

double luma_block_difference(const struct luma_part *a, const struct luma_part *b, int w, int h, int step)
{
    int wide = FFMIN(w, BLOCK), high = FFMIN(h, BLOCK);
    double sum = 0;
    int count = 0;

    for (int y = 0; y + high <= h; y += high * step)
        for (int x = 0; x + wide <= w; x += wide, count++) {
            double difference = (double)block_difference(a, b, x, y, wide, high) / (wide * high);

            sum += difference * difference;
        }
    return count ? sum / count : 0;
}
