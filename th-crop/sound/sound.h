/* The sound of a chunk, and the packets of it that go into a clip. */
#ifndef TH_CROP_SOUND_SOUND_H
#define TH_CROP_SOUND_SOUND_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cut/chunk_file.h"
#include "common/error.h"

/* All packets, in memory: one or two MB a minute. Read-only while clips are made, so that threads can share it. */
struct sound {
    AVCodecParameters *parameters;
    AVRational time_base;
    AVPacket **packets; /* sorted by pts */
    size_t count, room;
};

/* Reads the sound of the chunk at address up to its end or to damage. Packets are copied, or encoded as AAC when mp4
 * does not hold them. 0 and *sound (sound_free), NULL when there is none; or -1 and error (io). note, of note_size
 * bytes, says that it was encoded, or why it is NULL although the chunk has sound; else it is "". watch is called for
 * each packet. No other thread may open anything of FFmpeg meanwhile: see sound_coder_open. */
int sound_read(struct sound **sound, const char *address, const struct chunk_file_watch *watch, char *note,
               size_t note_size, struct error *error);

/* Leaves NULL; takes NULL. */
void sound_free(struct sound **sound);

/* The part of the sound that goes into a clip. All times are in units of the sound's time base. */
struct sound_cut {
    const struct sound *sound;
    size_t next;   /* index of the next packet */
    int64_t start; /* the clip's time 0 */
};

/* Starts at the packet that is heard at start, or before it where the decoder needs earlier packets (pre-roll). Those
 * get times below 0, which players skip. */
void sound_cut_begin(struct sound_cut *cut, const struct sound *sound, int64_t start);

/* The next packet (av_packet_unref) that ends by `end`, a time in the clip; its times are those in the clip. is_last:
 * also a packet that only begins before `end`, with its duration cut. 1 and packet, 0 when there is none, or -1 when
 * out of memory. */
int sound_cut_next(struct sound_cut *cut, int64_t end, bool is_last, AVPacket *packet);

#endif
