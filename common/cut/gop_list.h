/* The groups of pictures of a video on its way into chunks: what is known of each, and where chunks begin. */
#ifndef COMMON_CUT_GOP_LIST_H
#define COMMON_CUT_GOP_LIST_H

#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key packet of the video stream and those up to the next one; or several groups on end. */
struct gop {
    int64_t first;      /* packets of the stream before it */
    int64_t fed;        /* packets of the stream that the muxer was given before it */
    int64_t start, end; /* when its pictures are shown, in the muxer's time base */
    int64_t pts;        /* of its first packet, in the muxer's time base; AV_NOPTS_VALUE: none */
    int64_t source_dts; /* of its first packet, in the time base of the source's stream; AV_NOPTS_VALUE: none */
    uint64_t sum;       /* over times, flags and sizes of its packets */
};

struct gop_list {
    struct gop *gops;
    size_t count, room;
    size_t *cuts; /* index in gops of the first of each chunk but the first */
    size_t cut_count, cut_room;
    int64_t packets, fed; /* of the stream, so far */
    bool is_unsure;       /* a chunk began elsewhere than with a group */
};

/* Notes the stream's next packet as the muxer is to get it; source_dts is its dts as it was read. is_fed: the muxer
 * does get it. 0, or -1 when out of memory. */
int gop_list_note(struct gop_list *list, const AVPacket *packet, int64_t source_dts, bool is_fed);

/* Notes that a chunk begins where the muxer has written `written` packets of the stream. 0, or -1 when out of memory.
 */
int gop_list_cut(struct gop_list *list, int64_t written);

/* What is known of chunk number, of *frames packets. The chunk must have begun. */
struct gop gop_list_chunk(const struct gop_list *list, size_t number, int64_t *frames);

/* Frees what list owns and makes it empty. */
void gop_list_clear(struct gop_list *list);

#endif
