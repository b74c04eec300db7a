/* The sound of a chunk, and what of it goes into a clip, packet by packet. */
#ifndef TH_CROP_SOUND_SOUND_H
#define TH_CROP_SOUND_SOUND_H

#include <libavcodec/avcodec.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All of it, in memory: a minute takes a megabyte or two. Nobody writes to it while clips are made. */
struct sound {
    AVCodecParameters *parameters;
    AVRational time_base;
    AVPacket **packets; /* by time; pts and dts are set */
    size_t count, room;
};

/* Sound without packets (sound_free). NULL when out of memory. */
struct sound *sound_alloc(void);

/* Leaves NULL; takes NULL. */
void sound_free(struct sound **sound);

/* Adds packet, which is later than all before it, and takes its content. 0, or -1 when out of memory. */
int sound_keep(struct sound *sound, AVPacket *packet);

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
