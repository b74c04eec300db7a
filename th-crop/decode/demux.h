/* The packets of a chunk that a decoder is to be given, and the frames that must come of them. */
#ifndef TH_CROP_DECODE_DEMUX_H
#define TH_CROP_DECODE_DEMUX_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "th-crop/decode/packet_map.h"
#include "th-crop/decode/packet_scan.h"

struct demux;

/* Opens the chunk and looks at all its packets. 0 and *demux (demux_close), or -1 and error. */
int demux_open(struct demux **demux, const char *path, struct error *error);
void demux_close(struct demux **demux);

/* The chunk's container and video stream, and the times of its pictures; the demux's. */
AVFormatContext *demux_format(const struct demux *demux);
AVStream *demux_video(const struct demux *demux);
const struct packet_times *demux_timeline(const struct demux *demux);

/* The map by which packets are left out; NULL and *why when every packet is given. why may be NULL. */
const struct packet_map *demux_map(const struct demux *demux, const char **why);

/* Begins at the first packet, once more if need be. From there on only packets that frames of the ranges need are
 * given, where there is a map. 0, or -1 and error (io, unreadable). */
int demux_choose(struct demux *demux, const struct frame_range *ranges, size_t count, struct error *error);

/* Gives up the map: after the next demux_choose all packets come. */
void demux_drop_map(struct demux *demux);

/* DEMUX_RESTART: packet is to be decoded as if nothing stood before it, when all frames before have been taken. */
enum demux_result { DEMUX_PACKET, DEMUX_RESTART, DEMUX_END, DEMUX_FAILED };

/* The next packet (av_packet_unref); none of them is empty. error is set with DEMUX_FAILED: io, unreadable.
 */
enum demux_result demux_next(struct demux *demux, AVPacket *packet, struct error *error);

/* A frame of time pts has come. Its number, or -1 when by the map another should have. Without a map frames are
 * counted, whatever their times. */
int64_t demux_frame(struct demux *demux, int64_t pts);

/* True when the frames of all packets that were given have come, as far as that is known; has_held: the last one given
 * has not been decoded yet. */
bool demux_is_settled(const struct demux *demux, bool has_held);

/* The number of the packet that was given last, from 0 in decoding order; those that are left out count, too. */
int64_t demux_last(const struct demux *demux);

/* Whether frames of the range need the packet of that number; false without a map. */
bool demux_is_needed(const struct demux *demux, int64_t packet, const struct frame_range *range);

/* How many packets have been read. */
int64_t demux_read(const struct demux *demux);

/* Packets of the chunk that are not given, by the last choice; 0 when that is not known. */
int64_t demux_passed(const struct demux *demux);

#endif
