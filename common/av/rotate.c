#include "common/av/rotate.h"

#include <libavutil/display.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/compat.h"
#include "common/av/picture_filter.h"

struct rotate {
    char filters[ROTATE_FILTERS_MAX];
    struct picture_filter *filter; /* for pictures of `kind`; NULL before the first one */
    struct picture_kind kind;
};

const int32_t *rotate_matrix(const AVStream *stream)
{
    size_t size;
    const uint8_t *data = compat_stream_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);

    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)data : NULL;
}

/* Degrees clockwise, from 0 to below 360 or so: the ffmpeg program rounds alike (fftools/cmdutils.c). */
static double rotation_of(const int32_t *matrix)
{
    double theta = -round(av_display_rotation_get(matrix));

    return theta - 360 * floor(theta / 360 + 0.9 / 360);
}

void rotate_filters(const int32_t *matrix, char *out)
{
    double theta = matrix ? rotation_of(matrix) : 0;

    *out = '\0';
    if (!matrix || isnan(theta))
        return;
    if (fabs(theta - 90) < 1)
        snprintf(out, ROTATE_FILTERS_MAX, "transpose=%s", matrix[3] > 0 ? "cclock_flip" : "clock");
    else if (fabs(theta - 180) < 1)
        snprintf(out, ROTATE_FILTERS_MAX, "%s%s%s", matrix[0] < 0 ? "hflip" : "",
                 matrix[0] < 0 && matrix[4] < 0 ? "," : "", matrix[4] < 0 ? "vflip" : "");
    else if (fabs(theta - 270) < 1)
        snprintf(out, ROTATE_FILTERS_MAX, "transpose=%s", matrix[3] < 0 ? "clock_flip" : "cclock");
    else if (fabs(theta) > 1)
        snprintf(out, ROTATE_FILTERS_MAX, "rotate=%f*PI/180", theta);
    else if (matrix[4] < 0)
        snprintf(out, ROTATE_FILTERS_MAX, "vflip");
}

int rotate_open(struct rotate **rotate, const int32_t *matrix, struct error *error)
{
    char filters[ROTATE_FILTERS_MAX];

    *rotate = NULL;
    rotate_filters(matrix, filters);
    if (!*filters)
        return 0;
    *rotate = calloc(1, sizeof **rotate);
    if (!*rotate)
        return error_set(error, ERROR_IO, "out of memory");
    memcpy((*rotate)->filters, filters, sizeof filters);
    return 0;
}

void rotate_close(struct rotate **rotate)
{
    if (!*rotate)
        return;
    picture_filter_close(&(*rotate)->filter);
    free(*rotate);
    *rotate = NULL;
}

/* Has the filter for pictures of that kind. */
static int set_filter_for(struct rotate *rotate, const struct picture_kind *kind, struct error *error)
{
    if (rotate->filter && kind->width == rotate->kind.width && kind->height == rotate->kind.height &&
        kind->format == rotate->kind.format)
        return 0;
    picture_filter_close(&rotate->filter);
    rotate->kind = *kind;
    return picture_filter_open(&rotate->filter, rotate->filters, kind, error);
}

int rotate_kind(struct rotate *rotate, int *width, int *height, int *format, struct error *error)
{
    struct picture_kind kind = {.width = *width,
                                .height = *height,
                                .format = *format,
                                .color_space = AVCOL_SPC_UNSPECIFIED,
                                .time_base = {1, 1}};

    if (!rotate || *format < 0)
        return 0;
    if (set_filter_for(rotate, &kind, error))
        return -1;
    kind = picture_filter_output(rotate->filter);
    *width = kind.width;
    *height = kind.height;
    *format = kind.format;
    picture_filter_close(&rotate->filter); /* it knows neither colours nor the shape of pixels */
    return 0;
}

int rotate_frame(struct rotate *rotate, AVFrame *frame, struct error *error)
{
    struct picture_kind kind;
    int status;

    if (!rotate)
        return 0;
    kind = picture_filter_kind_of(frame, (AVRational){1, 1}, (AVRational){0, 1});
    if (set_filter_for(rotate, &kind, error) || picture_filter_send(rotate->filter, frame, error))
        return -1;
    av_frame_unref(frame);
    status = picture_filter_receive(rotate->filter, frame, error);
    if (status == 0)
        return error_set(error, ERROR_UNREADABLE, "a picture cannot be turned");
    return status < 0 ? -1 : 0;
}
