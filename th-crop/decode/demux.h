/* The packets of a chunk that a decoder is to be given, and the frames that must come of them. */
#ifndef TH_CROP_DECODE_DEMUX_H
#define TH_CROP_DECODE_DEMUX_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "th-crop/decode/packet_map.h"
#include "th-crop/decode/timeline.h"

struct packet_feed;

/* Opens the chunk and looks at all its packets. 0 and *feed (packet_feed_close), or -1 and error. */
int packet_feed_open(struct packet_feed **feed, const char *path, struct error *error);
void packet_feed_close(struct packet_feed **feed);

/* The chunk's container and video stream, and the times of its pictures; the feed's. */
AVFormatContext *packet_feed_format(const struct packet_feed *feed);
AVStream *packet_feed_video(const struct packet_feed *feed);
const struct timeline *packet_feed_timeline(const struct packet_feed *feed);

/* The map by which packets are left out; NULL and *why when every packet is given. why may be NULL. */
const struct packet_map *packet_feed_map(const struct packet_feed *feed, const char **why);

/* Begins at the first packet, once more if need be. From there on only packets that frames of the ranges need are
 * given, where there is a map. 0, or -1 and error (io, unreadable). */
int packet_feed_choose(struct packet_feed *feed, const struct frame_range *ranges, size_t count, struct error *error);

/* Gives up the map: after the next packet_feed_choose all packets come. */
void packet_feed_drop_map(struct packet_feed *feed);

/* FEED_RESTART: packet is to be decoded as if nothing stood before it, when all frames before have been taken. */
enum feed_result { FEED_PACKET, FEED_RESTART, FEED_END, FEED_FAILED };

/* The next packet (av_packet_unref); none of them is empty. error is set with FEED_FAILED: io, unreadable.
 */
enum feed_result packet_feed_next(struct packet_feed *feed, AVPacket *packet, struct error *error);

/* A frame of time pts has come. Its number, or -1 when by the map another should have. Without a map frames are
 * counted, whatever their times. */
int64_t packet_feed_frame(struct packet_feed *feed, int64_t pts);

/* True when the frames of all packets that were given have come, as far as that is known; has_held: the last one given
 * has not been decoded yet. */
bool packet_feed_is_settled(const struct packet_feed *feed, bool has_held);

/* The number of the packet that was given last, from 0 in decoding order; those that are left out count, too. */
int64_t packet_feed_last(const struct packet_feed *feed);

/* Whether frames of the range need the packet of that number; false without a map. */
bool packet_feed_is_needed(const struct packet_feed *feed, int64_t packet, const struct frame_range *range);

/* How many packets have been read. */
int64_t packet_feed_read(const struct packet_feed *feed);

/* Packets of the chunk that are not given, by the last choice; 0 when that is not known. */
int64_t packet_feed_passed(const struct packet_feed *feed);

#endif
