#include "th-crop/decode/picture_facts.h"

#include "common/av/rotate.h"

void picture_facts_read(struct picture_facts *facts, AVFormatContext *format, AVStream *stream, int unit)
{
    *facts = (struct picture_facts){.time_base = av_mul_q(stream->time_base, av_make_q(unit, 1)),
                                    .frame_rate = av_guess_frame_rate(format, stream, NULL),
                                    .sample_aspect_ratio = stream->sample_aspect_ratio,
                                    .width = stream->codecpar->width,
                                    .height = stream->codecpar->height,
                                    .format = stream->codecpar->format,
                                    .display_matrix = rotate_matrix(stream)};
    if (facts->frame_rate.num <= 0 || facts->frame_rate.den <= 0)
        facts->frame_rate = (AVRational){25, 1};
}
