/* The times that packets get on their way from a demuxer to a muxer in a stream copy: those that the `ffmpeg` program
 * gives them, since the lists count frames from its cuts. */
#ifndef COMMON_CUT_TIMING_H
#define COMMON_CUT_TIMING_H

#include <libavformat/avformat.h>
#include <stdbool.h>

struct timing;

/* Times of the streams that input has now; input must outlive it. NULL when out of memory. */
struct timing *timing_alloc(const AVFormatContext *input);

/* Frees and leaves NULL; takes NULL. */
void timing_free(struct timing **timing);

/* Packets of stream index get times in time_base, that of the muxer's stream after its header was written. */
void timing_set_output(struct timing *timing, int index, AVRational time_base);

/* To be called with each packet as it was read (of streams that are copied), in its order. Lets the input begin at 0,
 * unwraps counters, mends leaps and fills in what is missing; then puts pts, dts and duration into the output's time
 * base, dts always growing. False when the packet is to be left out: nothing is copied before a stream's first key
 * packet. */
bool timing_apply(struct timing *timing, AVPacket *packet);

#endif
