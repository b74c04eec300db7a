/* The sound of a chunk, copied into its clips packet by packet. */
#ifndef TH_CROP_SOUND_H
#define TH_CROP_SOUND_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* All of it, in memory: a minute takes a megabyte or two. Nobody writes to it while clips are made. */
struct sound {
    AVCodecParameters *parameters;
    AVRational time_base;
    AVPacket **packets; /* by time; pts and dts are set */
    size_t count;
};

/* Reads the sound of the chunk at address as far as it can be read. 0 and *sound (sound_free), which is NULL when there
 * is none that mp4 can hold, and then note, of note_size bytes, says why if the chunk has some ("" otherwise); or -1
 * and error (io). */
int sound_read(struct sound **sound, const char *address, char *note, size_t note_size, struct error *error);

/* Leaves NULL; takes NULL. */
void sound_free(struct sound **sound);

/* What of the sound goes into a clip. */
struct sound_cut {
    const struct sound *sound;
    size_t next;   /* of its packets */
    int64_t start; /* the clip's time 0, in units of the sound's time base, as all times here */
};

/* Begins at the packet that sounds at start, and at some before it that its decoder needs: these have times below 0,
 * which players do not play. */
void sound_cut_begin(struct sound_cut *cut, const struct sound *sound, int64_t start);

/* The next packet (av_packet_unref), with its times in the clip. It ends before `end`, a time in the clip; the last
 * one, to be asked for with is_last, is told to last no longer. 1 and packet, 0 when there is none, or -1 when out of
 * memory. */
int sound_cut_next(struct sound_cut *cut, int64_t end, bool is_last, AVPacket *packet);

#endif
