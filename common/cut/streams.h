/* The streams of a video that mp4 can hold, and how they are copied into its chunks. */
#ifndef COMMON_CUT_STREAMS_H
#define COMMON_CUT_STREAMS_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

/* Asks the mp4 muxer whether it takes a stream like this one, alone or together with other (may be NULL). compliance:
 * FF_COMPLIANCE_*. False also when out of memory. */
bool streams_mp4_holds(const AVStream *stream, const AVStream *other, int compliance);

/* Adds to output a stream for each stream of input that mp4 can hold, in the same order, with all that belongs to it.
 * map (input->nb_streams entries) gets the output's index of each input stream, or -1 for those that are dropped; these
 * are set to be discarded by the demuxer. The stream at index video must be held: otherwise error is no_format.
 * 0, or -1 and error. */
int streams_copy(AVFormatContext *output, AVFormatContext *input, int video, int *map, struct error *error);

/* Writes what was dropped to text ("stream 2 (subtitle, subrip), ..."); empty when nothing was. */
void streams_dropped(const AVFormatContext *input, const int *map, char *text, size_t size);

#endif
