/* Tells from a packet's headers, without decoding, what it is in H.264, H.265 or VP9: whether it holds one picture,
 * whether decoding can begin at it, whether it can be left out. */
#ifndef COMMON_AV_BITSTREAM_H
#define COMMON_AV_BITSTREAM_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_kind {
    bool is_one_picture; /* exactly one whole picture that is shown, and nothing that changes how others are decoded */
    bool is_random_access; /* neither it nor any packet after it references a packet before it */
    bool is_droppable;     /* no other picture references it */
    int order;             /* rises in the order of showing, from a random access point on; 0 where packets are in it */
};

struct bitstream;

/* For the packets of one stream. NULL when out of memory. parameters must outlive it. */
struct bitstream *bitstream_alloc(const AVCodecParameters *parameters);

/* Frees and leaves NULL; takes NULL. */
void bitstream_free(struct bitstream **bitstream);

/* False when packets of this stream cannot be told: another codec, or unusable extradata. */
bool bitstream_is_known(const struct bitstream *bitstream);

/* The kind of packet; not one picture when in doubt. To be called with every packet, in decoding order. */
struct packet_kind bitstream_kind(struct bitstream *bitstream, const AVPacket *packet);

/* The parts of it that are pure functions. */

/* How the NAL units of an H.264 or H.265 stream are read. */
struct nal_stream {
    const uint8_t *extradata; /* the caller's */
    size_t extradata_size;
    int length_size; /* as in struct nal_walk */
    bool is_hevc;
};

/* 0, or -1 when the extradata is not valid, or allows pictures that are not shown. */
int bitstream_nal_init(struct nal_stream *nals, bool is_hevc, const uint8_t *extradata, size_t size);

/* Sets all of kind but order. Does not tell fields from frames. */
void bitstream_nal_kind(const struct nal_stream *nals, const uint8_t *data, size_t size, struct packet_kind *kind);

/* The same for VP9, whose packets hold one picture that is shown and any number of others. */
void bitstream_vp9_kind(const uint8_t *data, size_t size, struct packet_kind *kind);

#endif
