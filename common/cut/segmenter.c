#include "common/cut/segmenter.h"

#include <libavcodec/packet.h>
#include <libavutil/dict.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <stdatomic.h>

#include "common/av/media.h"

static int open_piece(AVFormatContext *muxer, AVIOContext **avio, const char *url, int flags, AVDictionary **options)
{
    int *pieces = muxer->opaque;

    (void)url;
    (void)flags;
    (void)options;
    *avio = media_avio_alloc(-1, MEDIA_BLOCK_SMALL);
    if (!*avio)
        return AVERROR(ENOMEM);
    ++*pieces;
    return 0;
}

static int close_piece(AVFormatContext *muxer, AVIOContext *avio)
{
    (void)muxer;
    media_avio_close(&avio);
    return 0;
}

/* Sets the muxer up to cut before the first key packet at 2 s or later. 0 or an AVERROR code. */
static int write_header(AVFormatContext *muxer)
{
    AVStream *stream = avformat_new_stream(muxer, NULL);
    AVDictionary *options = NULL;
    int result = AVERROR(ENOMEM);

    if (!stream)
        return result;
    stream->time_base = AV_TIME_BASE_Q;
    stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codecpar->codec_id = AV_CODEC_ID_MJPEG;
    stream->codecpar->width = stream->codecpar->height = 16;
    if ((result = av_dict_set(&options, "segment_time", "2", 0)) >= 0 &&
        (result = av_dict_set(&options, "segment_format", "mp4", 0)) >= 0)
        result = avformat_write_header(muxer, &options);
    av_dict_free(&options);
    return result;
}

/* Writes a key packet with a pts of that many seconds. 0 or an AVERROR code. */
static int write_key(AVFormatContext *muxer, int seconds)
{
    AVPacket *packet = av_packet_alloc();
    int result = packet ? av_new_packet(packet, 1) : AVERROR(ENOMEM);

    if (result >= 0) {
        packet->data[0] = 0;
        packet->flags |= AV_PKT_FLAG_KEY;
        packet->duration = av_rescale_q(1, (AVRational){1, 1}, muxer->streams[0]->time_base);
        packet->pts = packet->dts = seconds * packet->duration;
        result = av_write_frame(muxer, packet);
    }
    av_packet_free(&packet);
    return result;
}

static int cut_two_packets(bool *from_first)
{
    AVFormatContext *muxer = NULL;
    int pieces = 0, result = avformat_alloc_output_context2(&muxer, NULL, "segment", "%d.mp4");

    if (result < 0)
        return result;
    muxer->opaque = &pieces;
    muxer->io_open = open_piece;
    muxer->io_close2 = close_piece;
    if ((result = write_header(muxer)) >= 0 && (result = write_key(muxer, 1)) >= 0 &&
        (result = write_key(muxer, 2)) >= 0)
        result = av_write_trailer(muxer);
    avformat_free_context(muxer);
    *from_first = pieces == 1;
    return result;
}

int segmenter_from_first(bool *from_first)
{
    enum { UNKNOWN, FROM_ZERO, FROM_FIRST };
    static atomic_int answer = UNKNOWN; /* of the library, the same for the whole process */

    if (answer == UNKNOWN) {
        bool is_first;
        int result = cut_two_packets(&is_first);

        if (result < 0)
            return result;
        answer = is_first ? FROM_FIRST : FROM_ZERO;
    }
    *from_first = answer == FROM_FIRST;
    return 0;
}

int segmenter_count_from_zero(AVFormatContext *muxer, int64_t first, AVRational time_base)
{
    return av_opt_set_int(muxer->priv_data, "segment_time_delta", av_rescale_q(first, time_base, AV_TIME_BASE_Q), 0);
}
