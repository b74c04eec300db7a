/* The packets of a chunk, one after the other, just as its file gives them. */
#ifndef COMMON_CUT_CHUNK_READER_H
#define COMMON_CUT_CHUNK_READER_H

#include <libavformat/avformat.h>
#include <stdint.h>

#include "common/error.h"

struct chunk_reader;

/* Where a packet of the video stream stands, for coming back to it. */
struct chunk_place {
    int64_t number;   /* among the stream's packets, from 0 */
    int64_t pts, dts; /* units of the stream's time base */
    int64_t pos;      /* bytes from the beginning of the file; -1: not known */
};

/* Opens the chunk at address (a path, or what chunk_range_address() makes); its packets are those of the video stream
 * that counts until chunk_reader_add_stream is called. 0 and *reader (chunk_reader_close), or -1 and error: unreadable,
 * no_video, io. */
int chunk_reader_open(struct chunk_reader **reader, const char *address, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void chunk_reader_close(struct chunk_reader **reader);

/* What the container says; owned by the reader, as are its streams. Both change when chunk_reader_seek is called. */
AVFormatContext *chunk_reader_format(const struct chunk_reader *reader);
AVStream *chunk_reader_video(const struct chunk_reader *reader);

/* From now on the packets of stream index (sound, for instance) are given too. */
void chunk_reader_add_stream(struct chunk_reader *reader, int index);

/* The next packet (av_packet_unref), in the file's order. 1, 0 after the last one, or -1 and error (unreadable, io). A
 * file that breaks off ends in an error even when it does so between two packets, where its container tells. */
int chunk_reader_next(struct chunk_reader *reader, AVPacket *packet, struct error *error);

/* How many packets of the video stream stand before the next one. */
int64_t chunk_reader_packets(const struct chunk_reader *reader);

/* The place of packet, the last one of the video stream that chunk_reader_next has given. */
struct chunk_place chunk_reader_place(const struct chunk_reader *reader, const AVPacket *packet);

/* Goes to place, forwards or back: the video stream's next packet is the one there. Quick for a key packet of an mp4
 * file; otherwise the packets before are read once more. 0, or -1 and error. */
int chunk_reader_seek(struct chunk_reader *reader, const struct chunk_place *place, struct error *error);

#endif
