#include "common/av/rotate.h"

#include <libavutil/display.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/picture_filter.h"

struct turner {
    char filters[TURNER_FILTERS_MAX];
    struct picture_filter *filter; /* for pictures of `kind`; NULL before the first one */
    struct picture_kind kind;
};

const int32_t *turner_matrix(const AVStream *stream)
{
    const uint8_t *data = NULL;
    size_t size = 0;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *side = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);

    if (side) {
        data = side->data;
        size = side->size;
    }
#else
    data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
#endif
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)(const void *)data : NULL;
}

/* Degrees clockwise, from 0 to below 360 or so: the ffmpeg program rounds alike (fftools/cmdutils.c). */
static double rotation_of(const int32_t *matrix)
{
    double theta = -round(av_display_rotation_get(matrix));

    return theta - 360 * floor(theta / 360 + 0.9 / 360);
}

void turner_filters(const int32_t *matrix, char *out)
{
    double theta = matrix ? rotation_of(matrix) : 0;

    *out = '\0';
    if (!matrix || isnan(theta))
        return;
    if (fabs(theta - 90) < 1)
        snprintf(out, TURNER_FILTERS_MAX, "transpose=%s", matrix[3] > 0 ? "cclock_flip" : "clock");
    else if (fabs(theta - 180) < 1)
        snprintf(out, TURNER_FILTERS_MAX, "%s%s%s", matrix[0] < 0 ? "hflip" : "",
                 matrix[0] < 0 && matrix[4] < 0 ? "," : "", matrix[4] < 0 ? "vflip" : "");
    else if (fabs(theta - 270) < 1)
        snprintf(out, TURNER_FILTERS_MAX, "transpose=%s", matrix[3] < 0 ? "clock_flip" : "cclock");
    else if (fabs(theta) > 1)
        snprintf(out, TURNER_FILTERS_MAX, "rotate=%f*PI/180", theta);
    else if (matrix[4] < 0)
        snprintf(out, TURNER_FILTERS_MAX, "vflip");
}

int turner_open(struct turner **turner, const int32_t *matrix, struct error *error)
{
    char filters[TURNER_FILTERS_MAX];

    *turner = NULL;
    turner_filters(matrix, filters);
    if (!*filters)
        return 0;
    *turner = calloc(1, sizeof **turner);
    if (!*turner)
        return error_set(error, ERROR_IO, "out of memory");
    memcpy((*turner)->filters, filters, sizeof filters);
    return 0;
}

void turner_close(struct turner **turner)
{
    if (!*turner)
        return;
    picture_filter_close(&(*turner)->filter);
    free(*turner);
    *turner = NULL;
}

/* Has the filter for pictures of that kind. */
static int prepare(struct turner *turner, const struct picture_kind *kind, struct error *error)
{
    if (turner->filter && kind->width == turner->kind.width && kind->height == turner->kind.height &&
        kind->format == turner->kind.format)
        return 0;
    picture_filter_close(&turner->filter);
    turner->kind = *kind;
    return picture_filter_open(&turner->filter, turner->filters, kind, error);
}

int turner_kind(struct turner *turner, int *width, int *height, int *format, struct error *error)
{
    struct picture_kind kind = {.width = *width,
                                .height = *height,
                                .format = *format,
                                .color_space = AVCOL_SPC_UNSPECIFIED,
                                .time_base = {1, 1}};

    if (!turner || *format < 0)
        return 0;
    if (prepare(turner, &kind, error))
        return -1;
    kind = picture_filter_output(turner->filter);
    *width = kind.width;
    *height = kind.height;
    *format = kind.format;
    picture_filter_close(&turner->filter); /* it knows neither colours nor the shape of pixels */
    return 0;
}

int turner_turn(struct turner *turner, AVFrame *frame, struct error *error)
{
    struct picture_kind kind;
    int status;

    if (!turner)
        return 0;
    kind = picture_kind_of(frame, (AVRational){1, 1}, (AVRational){0, 1});
    if (prepare(turner, &kind, error) || picture_filter_send(turner->filter, frame, error))
        return -1;
    av_frame_unref(frame);
    status = picture_filter_receive(turner->filter, frame, error);
    if (status == 0)
        return error_set(error, ERROR_UNREADABLE, "a picture cannot be turned");
    return status < 0 ? -1 : 0;
}
