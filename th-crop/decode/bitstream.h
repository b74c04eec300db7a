/* What the headers of a packet of H.264, H.265 or VP9 say of it. Pure functions. */
#ifndef TH_CROP_DECODE_BITSTREAM_H
#define TH_CROP_DECODE_BITSTREAM_H

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <stdbool.h>

struct packet_kind {
    bool is_one_picture;   /* exactly one whole picture that is shown, and nothing that changes how others are read */
    bool is_random_access; /* neither it nor what follows it in decoding leans on what stands before it */
    bool is_droppable;     /* no other picture leans on it */
    int order;             /* pictures since an entry are shown in this order; 0 where packets stand in it anyway */
};

/* How the units of an H.264 or H.265 stream are read. */
struct nal_stream {
    const uint8_t *extradata; /* the caller's */
    size_t extradata_size;
    int length_size; /* as in struct nal_walk */
    bool is_hevc;
};

/* 0, or -1 when the extradata does not say how units stand in packets, or lets pictures be left unshown. */
int bitstream_nal_init(struct nal_stream *nals, bool is_hevc, const uint8_t *extradata, size_t size);

/* All of kind but order. Fields are not told from frames. */
void bitstream_nal_kind(const struct nal_stream *nals, const uint8_t *data, size_t size, struct packet_kind *kind);

/* The same for VP9, whose packets hold one picture that is shown and any number that are not. */
void bitstream_vp9_kind(const uint8_t *data, size_t size, struct packet_kind *kind);

struct bitstream;

/* A bitstream of the packets of a stream, to be given all of them in decoding order. NULL when out of memory.
 * parameters must outlive it. */
struct bitstream *bitstream_alloc(const AVCodecParameters *parameters);
void bitstream_free(struct bitstream **bitstream);

/* False: of this codec, or of what the stream says of itself, nothing can be told. */
bool bitstream_is_known(const struct bitstream *bitstream);

/* What packet is; not sound where it cannot be told. */
struct packet_kind bitstream_kind(struct bitstream *bitstream, const AVPacket *packet);

#endif
