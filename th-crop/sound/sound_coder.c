#include "th-crop/sound/sound_coder.h"

#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/av/media.h"

/* Seconds of silence that a gap is filled with at most: longer gaps come from damaged times. */
enum { SILENCE_MAX = 600 };

struct sound_coder {
    AVCodecContext *decoder, *encoder; /* the encoder is NULL before the first frame */
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    AVFrame *frame;
    int64_t next;  /* the end of the last frame, in units of pkt_timebase */
    int rate;      /* samples a second of the first frame; the next two are also its */
    int format;    /* enum AVSampleFormat */
    uint64_t mask; /* of channels */
};

int sound_coder_open(struct sound_coder **coder, const AVStream *stream, struct error *error)
{
    struct sound_coder *c = calloc(1, sizeof *c);

    *coder = c;
    if (!c)
        return error_set(error, ERROR_IO, "out of memory");
    av_force_cpu_flags(0);
    c->frame = av_frame_alloc();
    if (!c->frame)
        error_set(error, ERROR_IO, "out of memory");
    else if (!media_decoder_open(&c->decoder, stream, "it", error))
        return 0;
    sound_coder_close(coder);
    return -1;
}

void sound_coder_close(struct sound_coder **coder)
{
    if (!*coder)
        return;
    avfilter_graph_free(&(*coder)->graph);
    avcodec_free_context(&(*coder)->decoder);
    avcodec_free_context(&(*coder)->encoder);
    av_frame_free(&(*coder)->frame);
    free(*coder);
    *coder = NULL;
    av_force_cpu_flags(-1);
}

/* The sample rate of the AAC: the same if AAC has it. */
static int rate_for(int rate)
{
    static const int rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                22050, 16000, 12000, 11025, 8000,  7350};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (rates[i] == rate)
            return rate;
    return 48000;
}

/* Builds the filters that convert frames for the AAC encoder, with channels by mask. Gaps of more than 0.01 s become
 * silence and overlaps are cut; some containers have times no finer than that. 0 or an AVERROR code. */
static int build_graph(struct sound_coder *coder, uint64_t mask)
{
    AVFilterInOut *inputs = NULL, *outputs = NULL;
    char text[400];
    int result;

    avfilter_graph_free(&coder->graph);
    coder->graph = avfilter_graph_alloc();
    if (!coder->graph)
        return AVERROR(ENOMEM);
    coder->graph->nb_threads = 1;
    snprintf(text, sizeof text,
             "abuffer@in=time_base=%d/%d:sample_rate=%d:sample_fmt=%s:channel_layout=0x%" PRIx64
             ",aresample=async=1:min_hard_comp=0.01,"
             "aformat=sample_fmts=fltp:sample_rates=%d:channel_layouts=0x%" PRIx64 ",abuffersink@out",
             coder->decoder->pkt_timebase.num, coder->decoder->pkt_timebase.den, coder->rate,
             av_get_sample_fmt_name(coder->format), coder->mask, rate_for(coder->rate), mask);
    result = avfilter_graph_parse2(coder->graph, text, &inputs, &outputs);
    avfilter_inout_free(&inputs);
    avfilter_inout_free(&outputs);
    if (result < 0)
        return result;
    coder->source = avfilter_graph_get_filter(coder->graph, "abuffer@in");
    coder->sink = avfilter_graph_get_filter(coder->graph, "abuffersink@out");
    return avfilter_graph_config(coder->graph, NULL);
}

/* Opens the encoder for the output of the filters. 0 or an AVERROR code. */
static int open_encoder(struct sound_coder *coder)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    AVCodecContext *encoder;
    int result;

    avcodec_free_context(&coder->encoder);
    if (!codec)
        return AVERROR_ENCODER_NOT_FOUND;
    coder->encoder = encoder = avcodec_alloc_context3(codec);
    if (!encoder)
        return AVERROR(ENOMEM);
    encoder->sample_rate = av_buffersink_get_sample_rate(coder->sink);
    encoder->sample_fmt = av_buffersink_get_format(coder->sink);
    encoder->time_base = av_buffersink_get_time_base(coder->sink);
    encoder->flags = AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
    encoder->thread_count = 1;
    result = av_buffersink_get_ch_layout(coder->sink, &encoder->ch_layout);
    if (result >= 0)
        result = avcodec_open2(encoder, codec, NULL);
    if (result >= 0 && encoder->frame_size)
        av_buffersink_set_frame_size(coder->sink, (unsigned)encoder->frame_size);
    return result;
}

/* The channel mask of frame; the default for its number of channels when it has none. */
static uint64_t channels_of(const AVFrame *frame)
{
    AVChannelLayout usual;
    uint64_t mask;

    if (frame->ch_layout.order == AV_CHANNEL_ORDER_NATIVE)
        return frame->ch_layout.u.mask;
    av_channel_layout_default(&usual, frame->ch_layout.nb_channels);
    mask = usual.order == AV_CHANNEL_ORDER_NATIVE ? usual.u.mask : 0;
    av_channel_layout_uninit(&usual);
    return mask;
}

/* Sets up filters and encoder for frames like the first one. Channel layouts that AAC does not have become stereo. 0,
 * or -1 and error. */
static int begin(struct sound_coder *coder, const AVFrame *first, struct error *error)
{
    uint64_t masks[] = {channels_of(first), AV_CH_LAYOUT_STEREO};
    int result = -1;

    coder->rate = first->sample_rate;
    coder->format = first->format;
    coder->mask = masks[0];
    for (size_t i = 0; result < 0 && i < sizeof masks / sizeof *masks; i++) {
        result = build_graph(coder, masks[i]);
        if (result >= 0)
            result = open_encoder(coder);
    }
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "it cannot be encoded as AAC") : 0;
}

/* Sets the frame's pts, and when the next one begins. False when it is more than SILENCE_MAX after the one before. */
static bool set_time(struct sound_coder *coder, AVFrame *frame, bool is_first)
{
    AVRational time_base = coder->decoder->pkt_timebase;
    int64_t time = frame->best_effort_timestamp != AV_NOPTS_VALUE ? frame->best_effort_timestamp : coder->next;

    if (!is_first && av_compare_ts(av_sat_sub64(time, coder->next), time_base, SILENCE_MAX, av_make_q(1, 1)) > 0)
        return false;
    frame->pts = time;
    coder->next = av_sat_add64(time, av_rescale_q(frame->nb_samples, av_make_q(1, coder->rate), time_base));
    return true;
}

/* Sends the frame to the filters; drops it when it is of another kind than the first one, or too late. 0, or -1 and
 * error. */
static int filter_frame(struct sound_coder *coder, struct error *error)
{
    AVFrame *frame = coder->frame;
    bool is_first = !coder->encoder;
    int result;

    if (is_first && begin(coder, frame, error))
        return -1;
    if (!set_time(coder, frame, is_first) || frame->sample_rate != coder->rate || frame->format != coder->format ||
        channels_of(frame) != coder->mask)
        return 0;
    av_channel_layout_uninit(&frame->ch_layout);
    result = av_channel_layout_from_mask(&frame->ch_layout, coder->mask);
    if (result >= 0)
        result = av_buffersrc_add_frame(coder->source, frame);
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "it cannot be converted") : 0;
}

int sound_coder_send(struct sound_coder *coder, const AVPacket *packet, struct error *error)
{
    int status = 0;

    if (avcodec_send_packet(coder->decoder, packet) == AVERROR(ENOMEM))
        return error_set(error, ERROR_IO, "out of memory");
    while (!status && avcodec_receive_frame(coder->decoder, coder->frame) >= 0) {
        status = filter_frame(coder, error);
        av_frame_unref(coder->frame);
    }
    if (!status && !packet && coder->source && av_buffersrc_add_frame(coder->source, NULL) < 0)
        status = error_set(error, ERROR_IO, "out of memory");
    return status;
}

int sound_coder_receive(struct sound_coder *coder, AVPacket *packet, struct error *error)
{
    int result;

    if (!coder->encoder)
        return 0;
    while ((result = avcodec_receive_packet(coder->encoder, packet)) == AVERROR(EAGAIN)) {
        result = av_buffersink_get_frame(coder->sink, coder->frame);
        if (result == AVERROR(EAGAIN))
            break;
        if (result >= 0 || result == AVERROR_EOF)
            result = avcodec_send_frame(coder->encoder, result < 0 ? NULL : coder->frame);
        av_frame_unref(coder->frame);
        if (result < 0)
            break;
    }
    if (result >= 0)
        return 1;
    return result == AVERROR(EAGAIN) || result == AVERROR_EOF
               ? 0
               : media_error(error, ERROR_UNREADABLE, result, "it cannot be encoded as AAC");
}

int sound_coder_describe(const struct sound_coder *coder, AVCodecParameters *parameters, AVRational *time_base)
{
    if (!coder->encoder)
        return 0;
    *time_base = coder->encoder->time_base;
    return avcodec_parameters_from_context(parameters, coder->encoder) < 0 ? -1 : 1;
}
