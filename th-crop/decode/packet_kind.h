/* What a packet is, told from its headers without decoding: whether it holds one picture, whether decoding can begin at
 * it, whether it can be left out. */
#ifndef TH_CROP_DECODE_PACKET_KIND_H
#define TH_CROP_DECODE_PACKET_KIND_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <stdbool.h>

struct packet_kind {
    bool is_sound;     /* exactly one whole picture that is shown, and nothing that changes how others are read */
    bool is_entry;     /* neither it nor what follows it in decoding leans on what stands before it */
    bool is_droppable; /* no other picture leans on it */
    int order;         /* pictures since an entry are shown in this order; 0 where packets stand in it anyway */
};

struct packet_judge;

/* A judge of the packets of a stream, to be given all of them in decoding order. NULL when out of memory. parameters
 * must outlive it. */
struct packet_judge *packet_judge_alloc(const AVCodecParameters *parameters);
void packet_judge_free(struct packet_judge **judge);

/* False: of this codec, or of what the stream says of itself, nothing can be told. */
bool packet_judge_can(const struct packet_judge *judge);

/* What packet is; not sound where it cannot be told. */
struct packet_kind packet_judge(struct packet_judge *judge, const AVPacket *packet);

#endif
