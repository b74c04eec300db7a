/* Tells which frame each packet of a chunk becomes, and which packets must be decoded for given frames. Pure functions.
 *
 * There is a map only where frame numbers are certain without decoding: each packet is one picture that is shown, all
 * times are known and different, and pictures come out of the decoder in the order of their times. Then frame n is the
 * picture with the n-th time. Decoding can begin at a random access point that is closed: all packets before it are
 * earlier in time, and all after it later.
 *
 * Of a video that was partly downloaded, packets may be absent. Each is then taken for one picture, as the rules of mp4
 * want it. Those that follow it up to the next random access point cannot be decoded either. */
#ifndef COMMON_AV_PACKET_MAP_H
#define COMMON_AV_PACKET_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/av/bitstream.h"

/* A packet of the video stream. */
struct packet_note {
    int64_t pts;    /* units of the stream's time base; AV_NOPTS_VALUE when not known */
    bool is_absent; /* its data was not downloaded, and kind is not known */
    struct packet_kind kind;
};

/* A packet of the map. */
struct packet_place {
    int64_t pts;
    uint32_t frame; /* its number, from 0 */
    bool is_random_access, is_droppable;
    bool is_absent; /* it cannot be decoded */
};

struct packet_map {
    struct packet_place *packets; /* in decoding order */
    size_t count;
};

/* Frames first to last, both included. */
struct frame_range {
    int64_t first, last;
};

enum packet_use {
    PACKET_SKIP,
    PACKET_DECODE,
    PACKET_RESTART /* a random access point: to be decoded by a flushed decoder */
};

/* Makes the map of count packets in decoding order. delay: pictures that the decoder holds back to reorder them. NULL
 * and *map (packet_map_clear), or a phrase that says why there is none. */
const char *packet_map_make(struct packet_map *map, const struct packet_note *notes, size_t count, int delay);
void packet_map_clear(struct packet_map *map);

/* Sets the use of each packet (uses: array of map->count) so that the frames of the ranges are decoded exactly. Parts
 * of ranges outside the chunk are ignored. 0, or -1 when out of memory. */
int packet_map_choose(const struct packet_map *map, const struct frame_range *ranges, size_t count,
                      enum packet_use *uses);

/* Whether packet is decoded when the frames of the range are chosen, for its own frame or as a reference. */
bool packet_map_needs(const struct packet_map *map, const struct frame_range *range, size_t packet);

#endif
