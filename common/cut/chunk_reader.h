/* Reads the packets of a chunk in the order of its file. */
#ifndef COMMON_CUT_CHUNK_READER_H
#define COMMON_CUT_CHUNK_READER_H

#include <libavformat/avformat.h>
#include <stdint.h>

#include "common/error.h"

struct chunk_reader;

/* Opens the chunk at address (a path, or what chunk_range_address() makes); it gives the packets of the stream that
 * media_video_stream() chooses. 0 and *reader (chunk_reader_close), or -1 and error: unreadable,
 * no_video, io. */
int chunk_reader_open(struct chunk_reader **reader, const char *address, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void chunk_reader_close(struct chunk_reader **reader);

/* The open container and its video stream; owned by the reader. */
AVFormatContext *chunk_reader_format(const struct chunk_reader *reader);
AVStream *chunk_reader_video(const struct chunk_reader *reader);

/* From now on the packets of one more stream are given, the one at index (such as the sound). */
void chunk_reader_add_stream(struct chunk_reader *reader, int index);

/* The next packet (av_packet_unref), in the file's order. 1, 0 after the last one, or -1 and error (unreadable, io). An
 * mp4 file that breaks off between two packets is an error, too: its index says how many there should be. */
int chunk_reader_next(struct chunk_reader *reader, AVPacket *packet, struct error *error);

/* How many packets of the video stream have been given. */
int64_t chunk_reader_packets(const struct chunk_reader *reader);

#endif
