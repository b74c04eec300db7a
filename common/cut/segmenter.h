/* Where the library's segment muxer counts from. That of the FFmpeg 5.1 libraries, and those that the lists were made
 * with, cuts at multiples of the length asked for, counted from 0. Newer ones count from the first time of the video,
 * which is later than 0 in nearly every video with B-frames, and so cut some of them elsewhere. */
#ifndef COMMON_CUT_SEGMENTER_H
#define COMMON_CUT_SEGMENTER_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether this libavformat counts from the first time. Point releases and distributions differ, so the version number
 * does not tell. The first call cuts two packets to find out; later calls and forked children reuse the answer. 0 and
 * *from_first, or an AVERROR code. */
int segmenter_from_first(bool *from_first);

/* Makes a segment muxer that counts from the first time cut as if it counted from 0. first is that time as the muxer
 * writes it, at least 0, in units of time_base. Call it before the muxer writes the video's second packet. 0 or an
 * AVERROR code. */
int segmenter_count_from_zero(AVFormatContext *muxer, int64_t first, AVRational time_base);

#endif
