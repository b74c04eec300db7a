#include "common/cut/streams.h"

#include <libavcodec/avcodec.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <stdbool.h>
#include <stdio.h>

#include "common/av/compat.h"
#include "common/av/media.h"

static void mend_parameters(AVCodecParameters *codec)
{
    int channels;

    if (codec->codec_type != AVMEDIA_TYPE_AUDIO)
        return;
    /* Wrong for codecs whose frames have no fixed size; the ffmpeg program removes it, too. */
    if ((codec->codec_id == AV_CODEC_ID_MP3 &&
         (codec->block_align == 1 || codec->block_align == 1152 || codec->block_align == 576)) ||
        codec->codec_id == AV_CODEC_ID_AC3)
        codec->block_align = 0;
    channels = codec->ch_layout.nb_channels;
    if (codec->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC && channels > 0)
        av_channel_layout_default(&codec->ch_layout, channels);
}

/* Adds a stream like in to output. 0 or an AVERROR code. */
static int add_stream(AVFormatContext *output, const AVStream *in)
{
    AVStream *out = avformat_new_stream(output, NULL);
    int result;

    if (!out)
        return AVERROR(ENOMEM);
    if ((result = avcodec_parameters_copy(out->codecpar, in->codecpar)) < 0 ||
        (result = compat_stream_copy_side_data(out, in)) < 0 ||
        (result = av_dict_copy(&out->metadata, in->metadata, 0)) < 0 ||
        (result = compat_stream_copy_time_base(out, in, output->oformat)) < 0)
        return result;
    mend_parameters(out->codecpar);
    out->disposition = in->disposition;
    out->avg_frame_rate = in->avg_frame_rate;
    out->r_frame_rate = in->r_frame_rate;
    if (in->sample_aspect_ratio.num)
        out->codecpar->sample_aspect_ratio = in->sample_aspect_ratio;
    out->sample_aspect_ratio = out->codecpar->sample_aspect_ratio;
    if (in->duration > 0)
        out->duration = av_rescale_q(in->duration, in->time_base, out->time_base);
    return 0;
}

/* Chooses codec tags as the segment muxer does for its mp4 chunks. */
static void choose_tags(AVFormatContext *mp4)
{
    for (unsigned i = 0; i < mp4->nb_streams; i++) {
        AVCodecParameters *codec = mp4->streams[i]->codecpar;
        const struct AVCodecTag *const *tags = mp4->oformat->codec_tag;

        if (tags && av_codec_get_id(tags, codec->codec_tag) != codec->codec_id &&
            av_codec_get_tag(tags, codec->codec_id) > 0)
            codec->codec_tag = 0;
    }
}

bool streams_mp4_holds(const AVStream *stream, const AVStream *other, int compliance)
{
    AVFormatContext *mp4 = NULL;
    bool holds = false;

    if (avformat_alloc_output_context2(&mp4, NULL, "mp4", NULL) < 0)
        return false;
    mp4->strict_std_compliance = compliance;
    mp4->pb = media_avio_alloc(-1, MEDIA_BLOCK_SMALL);
    if (mp4->pb && add_stream(mp4, stream) >= 0 && (!other || add_stream(mp4, other) >= 0)) {
        choose_tags(mp4);
        holds = avformat_init_output(mp4, NULL) >= 0;
    }
    media_avio_close(&mp4->pb);
    avformat_free_context(mp4);
    return holds;
}

/* If several streams of a type have no default, makes the first one the default, as the ffmpeg program does. */
static void choose_defaults(AVFormatContext *output)
{
    for (unsigned i = 0; i < output->nb_streams; i++) {
        AVStream *first = NULL;
        bool has_default = false;
        int count = 0;

        for (unsigned k = 0; k < output->nb_streams; k++) {
            AVStream *stream = output->streams[k];

            if (stream->codecpar->codec_type != output->streams[i]->codecpar->codec_type)
                continue;
            count++;
            has_default |= stream->disposition & AV_DISPOSITION_DEFAULT;
            if (!first && !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
                first = stream;
        }
        if (count > 1 && !has_default && first)
            first->disposition |= AV_DISPOSITION_DEFAULT;
    }
}

int streams_copy(AVFormatContext *output, AVFormatContext *input, int video, int *map, struct error *error)
{
    int result;

    if (!streams_mp4_holds(input->streams[video], NULL, FF_COMPLIANCE_NORMAL))
        return error_set(error, ERROR_NO_FORMAT, "mp4 cannot hold video of the codec %s",
                         avcodec_get_name(input->streams[video]->codecpar->codec_id));
    for (unsigned i = 0; i < input->nb_streams; i++) {
        AVStream *stream = input->streams[i];

        if ((int)i != video && !streams_mp4_holds(input->streams[video], stream, FF_COMPLIANCE_NORMAL)) {
            map[i] = -1;
            stream->discard = AVDISCARD_ALL;
            continue;
        }
        map[i] = (int)output->nb_streams;
        result = add_stream(output, stream);
        if (result < 0)
            return media_error(error, ERROR_UNREADABLE, result, "cannot copy stream %u", i);
    }
    choose_defaults(output);
    return 0;
}

void streams_dropped(const AVFormatContext *input, const int *map, char *text, size_t size)
{
    size_t used = 0;

    *text = '\0';
    for (unsigned i = 0; i < input->nb_streams && used < size; i++) {
        const AVCodecParameters *codec = input->streams[i]->codecpar;
        const char *kind = av_get_media_type_string(codec->codec_type);

        if (map[i] >= 0)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%sstream %u (%s, %s)", used ? ", " : "", i,
                                 kind ? kind : "unknown", avcodec_get_name(codec->codec_id));
    }
}
