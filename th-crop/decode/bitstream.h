/* What the headers of a packet of H.264, H.265 or VP9 say of it. Pure functions. */
#ifndef TH_CROP_DECODE_BITSTREAM_H
#define TH_CROP_DECODE_BITSTREAM_H

#include "th-crop/decode/packet_kind.h"

/* How the units of an H.264 or H.265 stream are read. */
struct units {
    const uint8_t *extradata; /* the caller's */
    size_t extradata_size;
    int length_size; /* as in struct nal_walk */
    bool is_hevc;
};

/* 0, or -1 when the extradata does not say how units stand in packets, or lets pictures be left unshown. */
int units_init(struct units *units, bool is_hevc, const uint8_t *extradata, size_t size);

/* All of kind but order. Fields are not told from frames. */
void units_packet_kind(const struct units *units, const uint8_t *data, size_t size, struct packet_kind *kind);

/* The same for VP9, whose packets hold one picture that is shown and any number that are not. */
void vp9_packet_kind(const uint8_t *data, size_t size, struct packet_kind *kind);

#endif
