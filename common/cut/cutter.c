#include "common/cut/cutter.h"

#include <errno.h>
#include <libavcodec/codec_desc.h>
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/media.h"
#include "common/cut/partial_file.h"
#include "common/cut/segmenter.h"
#include "common/cut/skim_file.h"
#include "common/cut/streams.h"
#include "common/cut/timing.h"

int64_t cutter_shift_ticks(const struct cutter_shift *shift, AVRational time_base)
{
    return shift->ticks ? av_rescale_q_rnd(shift->ticks, shift->time_base, time_base, AV_ROUND_UP) : 0;
}

/* 0, or -1 and error. */
static int open_input(struct cutter *cutter, bool skims, struct error *error)
{
    AVIOContext *avio = NULL;

    if (partial_file_is_name(cutter->path)) {
        if (partial_file_open(&cutter->partial, cutter->path, error))
            return -1;
        avio = partial_file_avio(cutter->partial);
    } else if (skims) {
        if (skim_file_open(&cutter->skim, cutter->path, error))
            return -1;
        avio = skim_file_avio(cutter->skim);
    }
    if (!media_open_avio(&cutter->input, cutter->path, avio, error))
        return cutter_check_input(cutter, error);
    (void)cutter_check_input(cutter, error);
    return -1;
}

int cutter_check_input(const struct cutter *cutter, struct error *error)
{
    return cutter->partial ? partial_file_check(cutter->partial, cutter->path, error) : 0;
}

int cutter_open(struct cutter *cutter, const char *path, bool skims, struct error *error)
{
    const AVCodecDescriptor *codec;
    enum AVCodecID id;

    *cutter = (struct cutter){.path = path, .first_pts = AV_NOPTS_VALUE};
    if (file_stamp_read(&cutter->stamp, path))
        return error_set_errno(error, errno, "cannot read %s", path);
    if (open_input(cutter, skims, error))
        return -1;
    cutter->input_streams = cutter->input->nb_streams;
    cutter->video = media_video_stream(cutter->input, error);
    if (cutter->video < 0)
        return -1;
    id = cutter->input->streams[cutter->video]->codecpar->codec_id;
    codec = avcodec_descriptor_get(id);
    cutter->is_intra_only = codec && codec->props & AV_CODEC_PROP_INTRA_ONLY;
    cutter->needs_all = id == AV_CODEC_ID_VP9; /* the muxer merges hidden frames into the next packet */
    return 0;
}

static int copy_metadata(AVFormatContext *output, const AVFormatContext *input)
{
    static const char *const stale[] = {"creation_time", "company_name", "product_name", "product_version"};
    int result = av_dict_copy(&output->metadata, input->metadata, 0);

    for (size_t i = 0; result >= 0 && i < sizeof stale / sizeof *stale; i++)
        result = av_dict_set(&output->metadata, stale[i], NULL, 0);
    return result;
}

int cutter_make_output(struct cutter *cutter, struct error *error)
{
    int result = avformat_alloc_output_context2(&cutter->output, NULL, "segment", "%04d.mp4");

    cutter->map = calloc(cutter->input_streams, sizeof *cutter->map);
    cutter->timing = timing_alloc(cutter->input);
    if (result < 0 || !cutter->map || !cutter->timing)
        return error_set(error, ERROR_IO, "out of memory");
    if (streams_copy(cutter->output, cutter->input, cutter->video, cutter->map, error))
        return -1;
    if (copy_metadata(cutter->output, cutter->input) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    cutter->output->flags |= AVFMT_FLAG_BITEXACT; /* the same bytes from each version of the library */
    return 0;
}

int cutter_begin(struct cutter *cutter, const char *option, const char *value)
{
    AVDictionary *options = NULL;
    int result;

    if ((result = segmenter_from_first(&cutter->from_first)) >= 0 &&
        (result = av_dict_set(&options, option, value, 0)) >= 0 &&
        (result = av_dict_set(&options, "segment_format", "mp4", 0)) >= 0)
        result = avformat_write_header(cutter->output, &options);
    av_dict_free(&options);
    for (unsigned i = 0; result >= 0 && i < cutter->input_streams; i++)
        if (cutter->map[i] >= 0)
            timing_set_output(cutter->timing, (int)i, cutter->output->streams[cutter->map[i]]->time_base);
    if (cutter->skim)
        skim_file_begin(cutter->skim, cutter->input, cutter->video);
    if (cutter->partial)
        partial_file_begin(cutter->partial, cutter->input);
    return result < 0 ? result : 0;
}

int cutter_prepare(struct cutter *cutter, AVPacket *packet, struct error *error)
{
    int stream = packet->stream_index;

    if (cutter_check_input(cutter, error))
        return -1;
    if ((unsigned)stream >= cutter->input_streams || cutter->map[stream] < 0)
        return 0;
    cutter->is_absent = cutter->partial && !partial_file_holds(cutter->partial, packet);
    /* The demuxer sets this flag on a packet that it could not read completely. */
    if (packet->flags & AV_PKT_FLAG_CORRUPT && cutter->input->pb && avio_feof(cutter->input->pb))
        return error_set(error, ERROR_UNREADABLE, "%s ends within a packet", cutter->path);
    if (!timing_apply(cutter->timing, packet))
        return 0;
    if (stream == cutter->video && cutter->is_intra_only)
        packet->flags |= AV_PKT_FLAG_KEY; /* as the muxer does */
    packet->stream_index = cutter->map[stream];
    return 1;
}

/* If the lowest time that the muxer holds when it writes its first packet is negative, it shifts all times by it. The
 * muxer holds all packets that it got until then. */
static void note_shift(struct cutter *cutter, const AVPacket *packet)
{
    AVRational time_base = cutter->output->streams[packet->stream_index]->time_base;
    struct cutter_shift *shift = &cutter->shift;

    if (!shift->time_base.den)
        shift->time_base = time_base;
    if (packet->dts != AV_NOPTS_VALUE && av_compare_ts(-packet->dts, time_base, shift->ticks, shift->time_base) > 0)
        *shift = (struct cutter_shift){-packet->dts, time_base};
}

/* Makes the muxer count from 0. It must be set before the muxer writes, and again whenever the shift has grown. 0 or an
 * AVERROR code. */
static int note_first(struct cutter *cutter, const AVPacket *packet)
{
    AVRational time_base = cutter->output->streams[cutter->map[cutter->video]]->time_base;
    bool is_first = cutter->first_pts == AV_NOPTS_VALUE && packet->stream_index == cutter->map[cutter->video];

    if (is_first)
        cutter->first_pts = packet->pts;
    if (!cutter->from_first || cutter->first_pts == AV_NOPTS_VALUE || (cutter->has_begun && !is_first))
        return 0;
    return segmenter_count_from_zero(
        cutter->output, av_sat_add64(cutter->first_pts, cutter_shift_ticks(&cutter->shift, time_base)), time_base);
}

static bool has_written(const AVFormatContext *output)
{
    for (unsigned i = 0; i < output->nb_streams; i++)
        if (output->streams[i]->nb_frames)
            return true;
    return false;
}

/* Stops reading the other streams. Only for mp4, whose index says where each packet ends (media_whole_check_index): in
 * other containers reading them shows whether the file is cut off. */
static void pass_over_others(struct cutter *cutter)
{
    AVFormatContext *input = cutter->input;

    if (!strstr(input->iformat->name, "mp4"))
        return;
    for (unsigned i = 0; i < input->nb_streams; i++)
        if ((int)i != cutter->video)
            input->streams[i]->discard = AVDISCARD_ALL;
}

int cutter_feed(struct cutter *cutter, AVPacket *packet, int64_t source_dts, bool sparse)
{
    bool is_video = packet->stream_index == cutter->map[cutter->video];
    /* The muxer cuts before key packets of the video. Others only matter until the lowest time is known. */
    bool is_fed = !sparse || cutter->needs_all || !cutter->has_begun || (is_video && packet->flags & AV_PKT_FLAG_KEY);
    int result;

    if (!cutter->has_begun)
        note_shift(cutter, packet);
    if (is_video && gop_list_note(&cutter->gops, packet, source_dts, is_fed))
        return AVERROR(ENOMEM);
    if (!is_fed) {
        if (!is_video)
            pass_over_others(cutter);
        return 0;
    }
    if ((result = note_first(cutter, packet)) < 0 || (cutter->is_absent && (result = partial_file_mark(packet)) < 0))
        return result;
    result = av_interleaved_write_frame(cutter->output, packet);
    cutter->has_begun = cutter->has_begun || has_written(cutter->output);
    return result;
}

int cutter_note_chunk(struct cutter *cutter)
{
    const AVStream *video = cutter->output->streams[cutter->map[cutter->video]];

    return video->nb_frames ? gop_list_cut(&cutter->gops, video->nb_frames) : 0;
}

void cutter_close(struct cutter *cutter)
{
    avformat_free_context(cutter->output);
    cutter->output = NULL;
    gop_list_clear(&cutter->gops);
    timing_free(&cutter->timing);
    free(cutter->map);
    cutter->map = NULL;
    avformat_close_input(&cutter->input);
    skim_file_close(&cutter->skim);
    partial_file_close(&cutter->partial);
}
