/* The NAL units of an H.264 or H.265 packet, found without decoding. Pure functions. */
#ifndef COMMON_AV_NAL_H
#define COMMON_AV_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One unit: its header and what follows, with emulation prevention bytes, without zeros after it. */
struct nal {
    const uint8_t *data;
    size_t size; /* at least 1 */
};

/* A walk over units. */
struct nal_walk {
    const uint8_t *next, *end;
    int length_size; /* bytes of the length before each unit, 1 to 4; 0: start codes stand between them */
};

enum nal_result { NAL_UNIT, NAL_END, NAL_BROKEN };

/* The next unit; NAL_BROKEN when the bytes are not units from one end to the other. */
enum nal_result nal_next(struct nal_walk *walk, struct nal *nal);

/* How units of the stream stand in its packets, as its extradata (avcC, hvcC or the units themselves) says: the
 * length_size of a walk, -1 when it does not say. */
int nal_length_size(bool is_hevc, const uint8_t *extradata, size_t size);

#endif
