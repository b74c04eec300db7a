/* Packet times in a stream copy, as the ffmpeg program computes them: the tube lists count frames from its cuts. */
#ifndef COMMON_CUT_TIMING_H
#define COMMON_CUT_TIMING_H

#include <libavformat/avformat.h>
#include <stdbool.h>

struct timing;

/* For the streams that input has now; input must outlive it. NULL when out of memory. */
struct timing *timing_alloc(const AVFormatContext *input);

/* Frees and leaves NULL; takes NULL. */
void timing_free(struct timing **timing);

/* Sets the output time base of stream index: that of the muxer's stream after the header was written. */
void timing_set_output(struct timing *timing, int index, AVRational time_base);

/* Call it with each packet of the copied streams, in the order of reading. Makes the input begin at 0, undoes counter
 * wraps, closes discontinuities and fills in missing times; then converts pts, dts and duration to the output's time
 * base, with dts always growing. False when the packet is to be dropped because the stream has had no key packet yet.
 */
bool timing_apply(struct timing *timing, AVPacket *packet);

#endif
