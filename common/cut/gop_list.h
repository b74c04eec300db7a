/* The groups of pictures (GOPs) of a video that is cut into chunks, and where chunks begin. */
#ifndef COMMON_CUT_GOP_LIST_H
#define COMMON_CUT_GOP_LIST_H

#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key packet of the video stream and the packets up to the next one; or several consecutive groups. */
struct gop {
    int64_t first;      /* packets of the stream before it */
    int64_t fed;        /* packets of the stream given to the muxer before it */
    int64_t start, end; /* first pts and end of the last frame, in the muxer's time base */
    int64_t pts;        /* of its first packet, in the muxer's time base; AV_NOPTS_VALUE: none */
    int64_t source_dts; /* of its first packet, in the time base of the source's stream; AV_NOPTS_VALUE: none */
    uint64_t sum;       /* checksum over times, flags and sizes of its packets */
};

struct gop_list {
    struct gop *gops;
    size_t count, room;
    size_t *cuts; /* by chunk, except the first: index in gops of its first group */
    size_t cut_count, cut_room;
    int64_t packets, fed; /* of the stream, so far */
    bool is_unsure;       /* a chunk does not begin with a group */
};

/* Adds the stream's next packet, with the times that the muxer gets; source_dts is its dts as it was read. is_fed: the
 * muxer gets it. 0, or -1 when out of memory. */
int gop_list_note(struct gop_list *list, const AVPacket *packet, int64_t source_dts, bool is_fed);

/* Records that a chunk begins after `written` packets of the stream were written. 0, or -1 when out of memory.
 */
int gop_list_cut(struct gop_list *list, int64_t written);

/* The groups of chunk number as one, and its number of packets in *frames. The chunk must have begun. */
struct gop gop_list_chunk(const struct gop_list *list, size_t number, int64_t *frames);

/* Frees what list owns and makes it empty. */
void gop_list_clear(struct gop_list *list);

#endif
