/* Reads a chunk's packets for the decoder, and numbers the frames that they become. */
#ifndef TH_CROP_DECODE_DEMUX_H
#define TH_CROP_DECODE_DEMUX_H

#include <libavcodec/packet.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/cut/chunk_reader.h"
#include "common/error.h"
#include "th-crop/decode/packet_scan.h"

struct demux;

/* Opens the chunk, whose packets were scanned. path and scan must outlive the demuxer. 0, or -1 and
 * error: unreadable, no_video, io. Call demux_close in any case. */
int demux_open(struct demux **demux, const char *path, const struct packet_scan *scan, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void demux_close(struct demux **demux);

/* The open chunk; owned by the demuxer, valid until the next demux_choose. */
const struct chunk_reader *demux_reader(const struct demux *demux);

/* Begins at the first packet. With a map, demux_next then returns only packets that frames of the ranges need; without
 * one, all. 0, or -1 and error (io, unreadable). */
int demux_choose(struct demux *demux, const struct frame_range *ranges, size_t count, struct error *error);

enum demux_result {
    DEMUX_PACKET,
    DEMUX_RESTART, /* drain and flush the decoder before it gets this packet */
    DEMUX_END,
    DEMUX_FAILED
};

/* The next packet (av_packet_unref), never an empty one, and its number: from 0 in decoding order, counting those that
 * are left out. error is set with DEMUX_FAILED: io, unreadable, not_fetched. */
enum demux_result demux_next(struct demux *demux, AVPacket *packet, int64_t *number, struct error *error);

/* The number of the frame that the decoder gives next, which has time pts (units of the stream). -1 when by the map
 * another frame is due. Without a map frames are counted, whatever their times. */
int64_t demux_frame(struct demux *demux, int64_t pts);

/* With a map: whether each packet that was returned has become a frame; has_held: the last one is not decoded yet.
 * Without a map: true. */
bool demux_has_all_frames(const struct demux *demux, bool has_held);

/* How many of the chunk's packets the last choice leaves out. */
int64_t demux_skipped(const struct demux *demux);

#endif
