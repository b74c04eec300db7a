#include "th-fetch/media/join.h"

#include <libavformat/avformat.h>
#include <math.h>

#include "common/av/compat.h"
#include "common/av/media.h"
#include "common/output/output_file.h"

/* One of the two files, and its next packet. */
struct source {
    AVFormatContext *format;
    AVStream *stream, *copy;
    AVPacket *packet;
    double end; /* seconds; of its latest packet so far */
    bool has_ended;
};

struct join {
    struct source video, audio;
    AVFormatContext *mp4;
};

static int open_source(struct source *source, const char *path, enum AVMediaType type, struct error *error)
{
    int index;

    if (media_open(&source->format, path, error) < 0)
        return -1;
    index = type == AVMEDIA_TYPE_VIDEO ? media_video_stream(source->format, error)
                                       : av_find_best_stream(source->format, type, -1, -1, NULL, 0);
    if (index < 0)
        return error_set(error, ERROR_BAD_MEDIA, "'%.200s' holds no %s", path, av_get_media_type_string(type));
    source->stream = source->format->streams[index];
    for (unsigned int i = 0; i < source->format->nb_streams; i++)
        if ((int)i != index)
            source->format->streams[i]->discard = AVDISCARD_ALL;
    source->packet = av_packet_alloc();
    return source->packet ? 0 : error_set(error, ERROR_IO, "out of memory");
}

/* Reads the source's next packet. 0, also at the end, or -1 and error. */
static int read_packet(struct source *source, struct job *job, struct error *error)
{
    int got;

    do {
        av_packet_unref(source->packet);
        got = av_read_frame(source->format, source->packet);
        job_alive(job);
    } while (got >= 0 && source->packet->stream_index != source->stream->index);
    source->has_ended = got == AVERROR_EOF;
    if (got < 0 && !source->has_ended)
        return media_error(error, ERROR_BAD_MEDIA, got, "the %s is damaged",
                           av_get_media_type_string(source->stream->codecpar->codec_type));
    if (!source->has_ended && source->packet->flags & AV_PKT_FLAG_CORRUPT)
        return error_set(error, ERROR_BAD_MEDIA, "the %s is damaged or cut off",
                         av_get_media_type_string(source->stream->codecpar->codec_type));
    return 0;
}

/* Adds a stream like the source's to the mp4. 0 or an AVERROR code. */
static int add_stream(AVFormatContext *mp4, struct source *source)
{
    const AVStream *in = source->stream;
    const struct AVCodecTag *const *tags = mp4->oformat->codec_tag;
    AVStream *out = avformat_new_stream(mp4, NULL);
    int result;

    if (!out)
        return AVERROR(ENOMEM);
    if ((result = avcodec_parameters_copy(out->codecpar, in->codecpar)) < 0 ||
        (result = compat_stream_copy_side_data(out, in)) < 0 ||
        (result = av_dict_copy(&out->metadata, in->metadata, 0)) < 0)
        return result;
    if (tags && av_codec_get_id(tags, out->codecpar->codec_tag) != out->codecpar->codec_id)
        out->codecpar->codec_tag = 0;
    out->time_base = in->time_base;
    out->avg_frame_rate = in->avg_frame_rate;
    out->r_frame_rate = in->r_frame_rate;
    out->sample_aspect_ratio = in->sample_aspect_ratio;
    out->disposition = in->disposition | AV_DISPOSITION_DEFAULT;
    source->copy = out;
    return 0;
}

static int start_mp4(struct join *join, struct output_file *file, struct error *error)
{
    int result = avformat_alloc_output_context2(&join->mp4, NULL, "mp4", NULL);

    if (result < 0)
        goto failed;
    join->mp4->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO; /* no dates and versions in the file */
    join->mp4->pb = media_avio_alloc(output_file_fd(file), MEDIA_BLOCK_LARGE);
    result = join->mp4->pb ? 0 : AVERROR(ENOMEM);
    if (result == 0 && (result = add_stream(join->mp4, &join->video)) == 0 &&
        (result = add_stream(join->mp4, &join->audio)) == 0)
        result = avformat_write_header(join->mp4, NULL);
failed:
    return result < 0 ? media_error(error, ERROR_NO_FORMAT, result, "mp4 cannot hold video and audio of these codecs")
                      : 0;
}

/* The source whose packet has the lower dts. */
static struct source *earlier(struct join *join)
{
    const AVPacket *video = join->video.packet, *audio = join->audio.packet;

    if (join->video.has_ended || join->audio.has_ended)
        return join->video.has_ended ? &join->audio : &join->video;
    return av_compare_ts(audio->dts, join->audio.stream->time_base, video->dts, join->video.stream->time_base) < 0
               ? &join->audio
               : &join->video;
}

static void note_end(struct source *source)
{
    const AVPacket *packet = source->packet;

    if (packet->pts != AV_NOPTS_VALUE)
        source->end = fmax(source->end, (double)(packet->pts + packet->duration) * av_q2d(source->stream->time_base));
}

static int write_packets(struct join *join, struct job *job, struct error *error)
{
    int result;

    if (read_packet(&join->video, job, error) < 0 || read_packet(&join->audio, job, error) < 0)
        return -1;
    while (!join->video.has_ended || !join->audio.has_ended) {
        struct source *source = earlier(join);

        note_end(source);
        source->packet->stream_index = source->copy->index;
        source->packet->pos = -1;
        av_packet_rescale_ts(source->packet, source->stream->time_base, source->copy->time_base);
        result = av_write_frame(join->mp4, source->packet);
        if (result < 0)
            return media_error(error, ERROR_BAD_MEDIA, result, "cannot join the audio to the video");
        if (read_packet(source, job, error) < 0)
            return -1;
    }
    result = av_write_trailer(join->mp4);
    if (result >= 0)
        result = media_avio_close(&join->mp4->pb);
    return result < 0 ? media_error(error, ERROR_IO, result, "cannot write the joined file") : 0;
}

/* Sound of another length belongs to another version of the video. */
static int check_ends(const struct join *join, struct error *error)
{
    double video = join->video.end, audio = join->audio.end;

    if (fabs(video - audio) <= JOIN_TOLERANCE)
        return 0;
    return error_set(error, ERROR_NO_FORMAT, "the page's sound lasts %.1f seconds, and the video %.1f", audio, video);
}

int join_audio(const char *video, const char *audio, bool must_fit, struct output_file *mp4, struct job *job,
               struct error *error)
{
    struct join join = {0};
    int result = -1;

    if (open_source(&join.video, video, AVMEDIA_TYPE_VIDEO, error) == 0 &&
        open_source(&join.audio, audio, AVMEDIA_TYPE_AUDIO, error) == 0 && start_mp4(&join, mp4, error) == 0)
        result = write_packets(&join, job, error);
    if (result == 0 && must_fit)
        result = check_ends(&join, error);
    if (result < 0 && (error->word == ERROR_UNREADABLE || error->word == ERROR_NO_VIDEO))
        error->word = ERROR_BAD_MEDIA;
    if (join.mp4)
        media_avio_close(&join.mp4->pb);
    avformat_free_context(join.mp4);
    av_packet_free(&join.video.packet);
    av_packet_free(&join.audio.packet);
    avformat_close_input(&join.video.format);
    avformat_close_input(&join.audio.format);
    return result;
}
