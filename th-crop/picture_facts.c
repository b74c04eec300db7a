#include "th-crop/picture_facts.h"

static const int32_t *find_display_matrix(const AVStream *stream)
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

void picture_facts_read(struct picture_facts *facts, AVFormatContext *format, AVStream *stream, int unit)
{
    *facts = (struct picture_facts){.time_base = av_mul_q(stream->time_base, av_make_q(unit, 1)),
                                    .frame_rate = av_guess_frame_rate(format, stream, NULL),
                                    .sample_aspect_ratio = stream->sample_aspect_ratio,
                                    .width = stream->codecpar->width,
                                    .height = stream->codecpar->height,
                                    .format = stream->codecpar->format,
                                    .display_matrix = find_display_matrix(stream)};
    if (facts->frame_rate.num <= 0 || facts->frame_rate.den <= 0)
        facts->frame_rate = (AVRational){25, 1};
}
