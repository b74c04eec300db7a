#include "th-verify/measure/unscaler.h"

#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/picture_filter.h"
#include "common/stage/record.h"

enum {
    SHRUNK_MAX = 4,
    EDGE = 4, /* pixels of the chunk along a cut, which scaling has mixed with others */
    FILTERS_SIZE = 240
};

struct unscaler {
    struct picture_filter *filter;
    AVFrame *frame;
};

static int member(const json_t *scale, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(scale, name));

    return value > 0 && value <= INT_MAX ? (int)value : 0;
}

/* The multiple of step nearest to a * b / c, as th-crop rounds sizes. */
static int scaled(int64_t a, int64_t b, int64_t c, int step)
{
    return (int)(FFMAX(av_rescale(a, b, c * step), 1) * step);
}

static int centred(int outer, int inner, int step)
{
    return (outer - inner) / 2 / step * step;
}

/* Cuts a length of the chunk, from `start` on, that was scaled to `whole`: the clip shows `shown` of it from `offset`
 * on. */
static void cut_length(int *start, int *length, int whole, int offset, int shown)
{
    int from = offset ? (int)av_rescale_rnd(offset, *length, whole, AV_ROUND_UP) + EDGE : 0;
    int to =
        offset + shown < whole ? (int)av_rescale_rnd(offset + shown, *length, whole, AV_ROUND_DOWN) - EDGE : *length;

    *start += from;
    *length = to - from;
}

/* Completes a plan whose box was scaled to width x height and then padded or cropped to the clip's size. */
static void place_box(struct unscaler_plan *plan, int width, int height, int step_x, int step_y)
{
    struct box *clip = &plan->clip, *whole = &plan->whole;

    if (width <= clip->w && height <= clip->h) {
        *clip = (struct box){centred(clip->w, width, step_x), centred(clip->h, height, step_y), width, height};
        *whole = (struct box){0, 0, width, height};
        return;
    }
    *whole = (struct box){centred(width, clip->w, step_x), centred(height, clip->h, step_y), width, height};
    cut_length(&plan->box.x, &plan->box.w, width, whole->x, clip->w);
    cut_length(&plan->box.y, &plan->box.h, height, whole->y, clip->h);
}

bool unscaler_make_plan(const json_t *scale, const struct box *box, AVRational aspect, int step_x, int step_y,
                        struct unscaler_plan *plan)
{
    int64_t shown_w = box->w, shown_h = box->h;
    int to_w = member(scale, "width"), to_h = member(scale, "height");
    const char *fit = record_text(scale, "fit");
    bool is_pad = fit && !strcmp(fit, "pad"), is_wider;

    if (!to_w || !to_h || !fit || box->w <= 0 || box->h <= 0)
        return false;
    *plan = (struct unscaler_plan){{0, 0, to_w, to_h}, {0, 0, to_w, to_h}, *box, *box};
    if (aspect.num > 0 && aspect.den > 0) {
        shown_w *= aspect.num;
        shown_h *= aspect.den;
    }
    is_wider = shown_w * to_h > shown_h * to_w;
    if (is_pad || !strcmp(fit, "crop")) {
        if (is_wider == is_pad)
            place_box(plan, to_w, scaled(to_w, shown_h, shown_w, step_y), step_x, step_y);
        else
            place_box(plan, scaled(to_h, shown_w, shown_h, step_x), to_h, step_x, step_y);
    }
    return plan->whole.w * SHRUNK_MAX >= box->w && plan->whole.h * SHRUNK_MAX >= box->h && plan->box.w > 0 &&
           plan->box.h > 0;
}

int unscaler_open(struct unscaler **unscaler, const struct unscaler_plan *plan, const AVFrame *first,
                  struct error *error)
{
    struct picture_kind kind = picture_filter_kind_of(first, (AVRational){1, 1}, (AVRational){0, 1});
    const struct box *clip = &plan->clip, *whole = &plan->whole, *from = &plan->from, *box = &plan->box;
    char filters[FILTERS_SIZE];

    snprintf(filters, sizeof filters,
             "crop=%d:%d:%d:%d:exact=1,pad=%d:%d:%d:%d,scale=%d:%d:flags=bicubic,crop=%d:%d:%d:%d:exact=1", clip->w,
             clip->h, clip->x, clip->y, whole->w, whole->h, whole->x, whole->y, from->w, from->h, box->w, box->h,
             box->x - from->x, box->y - from->y);
    *unscaler = calloc(1, sizeof **unscaler);
    if (!*unscaler || !((*unscaler)->frame = av_frame_alloc()))
        error_set(error, ERROR_IO, "out of memory");
    else if (!picture_filter_open(&(*unscaler)->filter, filters, &kind, error))
        return 0;
    unscaler_close(unscaler);
    return -1;
}

void unscaler_close(struct unscaler **unscaler)
{
    if (!*unscaler)
        return;
    picture_filter_close(&(*unscaler)->filter);
    av_frame_free(&(*unscaler)->frame);
    free(*unscaler);
    *unscaler = NULL;
}

const AVFrame *unscaler_scale(struct unscaler *unscaler, const AVFrame *frame, struct error *error)
{
    int got;

    av_frame_unref(unscaler->frame);
    if (picture_filter_send(unscaler->filter, frame, error))
        return NULL;
    got = picture_filter_receive(unscaler->filter, unscaler->frame, error);
    if (got == 0)
        error_set(error, ERROR_IO, "a picture cannot be scaled");
    return got > 0 ? unscaler->frame : NULL;
}
