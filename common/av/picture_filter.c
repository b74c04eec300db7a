#include "common/av/picture_filter.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mem.h>
#include <stdlib.h>

#include "common/av/compat.h"
#include "common/av/media.h"

struct picture_filter {
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
};

struct picture_kind picture_filter_kind_of(const AVFrame *frame, AVRational time_base, AVRational frame_rate)
{
    return (struct picture_kind){.width = frame->width,
                                 .height = frame->height,
                                 .format = frame->format,
                                 .color_space = frame->colorspace,
                                 .color_range = frame->color_range,
                                 .sample_aspect_ratio = frame->sample_aspect_ratio,
                                 .time_base = time_base,
                                 .frame_rate = frame_rate};
}

static int add_source(struct picture_filter *filter, const struct picture_kind *kind)
{
    AVBufferSrcParameters *parameters = av_buffersrc_parameters_alloc();
    int result = AVERROR(ENOMEM);

    filter->source = avfilter_graph_alloc_filter(filter->graph, avfilter_get_by_name("buffer"), "in");
    if (!parameters || !filter->source)
        goto end;
    parameters->width = kind->width;
    parameters->height = kind->height;
    parameters->format = kind->format;
    compat_buffersrc_set_colors(parameters, kind->color_space, kind->color_range);
    parameters->sample_aspect_ratio = kind->sample_aspect_ratio;
    parameters->time_base = kind->time_base;
    parameters->frame_rate = kind->frame_rate;
    result = av_buffersrc_parameters_set(filter->source, parameters);
    if (result >= 0)
        result = avfilter_init_str(filter->source, NULL);
end:
    av_free(parameters);
    return result;
}

/* Hangs the filters between source and sink. */
static int connect_filters(struct picture_filter *filter, const char *filters)
{
    AVFilterInOut *outputs = avfilter_inout_alloc(), *inputs = avfilter_inout_alloc();
    int result = AVERROR(ENOMEM);

    if (!outputs || !inputs)
        goto end;
    *outputs = (AVFilterInOut){.name = av_strdup("in"), .filter_ctx = filter->source};
    *inputs = (AVFilterInOut){.name = av_strdup("out"), .filter_ctx = filter->sink};
    if (outputs->name && inputs->name)
        result = avfilter_graph_parse_ptr(filter->graph, filters, &inputs, &outputs, NULL);
end:
    avfilter_inout_free(&inputs);
    avfilter_inout_free(&outputs);
    return result;
}

static int build_graph(struct picture_filter *filter, const char *filters, const struct picture_kind *kind)
{
    int result;

    filter->graph = avfilter_graph_alloc();
    if (!filter->graph)
        return AVERROR(ENOMEM);
    filter->graph->nb_threads = 1;
    filter->graph->scale_sws_opts = av_strdup("flags=bicubic+accurate_rnd+bitexact");
    if (!filter->graph->scale_sws_opts)
        return AVERROR(ENOMEM);
    result = add_source(filter, kind);
    if (result >= 0)
        result = avfilter_graph_create_filter(&filter->sink, avfilter_get_by_name("buffersink"), "out", NULL, NULL,
                                              filter->graph);
    if (result >= 0)
        result = connect_filters(filter, filters);
    return result < 0 ? result : avfilter_graph_config(filter->graph, NULL);
}

int picture_filter_open(struct picture_filter **filter, const char *filters, const struct picture_kind *kind,
                        struct error *error)
{
    int result = AVERROR(ENOMEM);

    *filter = calloc(1, sizeof **filter);
    if (*filter)
        result = build_graph(*filter, filters, kind);
    if (result >= 0)
        return 0;
    picture_filter_close(filter);
    return media_error(error, ERROR_UNREADABLE, result, "pictures of this kind cannot be sent through %s", filters);
}

void picture_filter_close(struct picture_filter **filter)
{
    if (!*filter)
        return;
    avfilter_graph_free(&(*filter)->graph);
    free(*filter);
    *filter = NULL;
}

struct picture_kind picture_filter_output(const struct picture_filter *filter)
{
    const AVFilterContext *sink = filter->sink;

    return (struct picture_kind){.width = av_buffersink_get_w(sink),
                                 .height = av_buffersink_get_h(sink),
                                 .format = av_buffersink_get_format(sink),
                                 .color_space = AVCOL_SPC_UNSPECIFIED,
                                 .sample_aspect_ratio = av_buffersink_get_sample_aspect_ratio(sink),
                                 .time_base = av_buffersink_get_time_base(sink),
                                 .frame_rate = av_buffersink_get_frame_rate(sink)};
}

int picture_filter_send(struct picture_filter *filter, const AVFrame *frame, struct error *error)
{
    int result = av_buffersrc_add_frame_flags(filter->source, (AVFrame *)frame,
                                              AV_BUFFERSRC_FLAG_KEEP_REF | AV_BUFFERSRC_FLAG_PUSH);

    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "a picture cannot be filtered") : 0;
}

int picture_filter_end(struct picture_filter *filter, int64_t end, struct error *error)
{
    int result = av_buffersrc_close(filter->source, end, AV_BUFFERSRC_FLAG_PUSH);

    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "the last picture cannot be filtered") : 0;
}

int picture_filter_receive(struct picture_filter *filter, AVFrame *frame, struct error *error)
{
    int result = av_buffersink_get_frame(filter->sink, frame);

    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
        return 0;
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "a picture cannot be filtered") : 1;
}
