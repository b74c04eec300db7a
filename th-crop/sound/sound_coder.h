/* Sound that mp4 does not hold, encoded anew as AAC. */
#ifndef TH_CROP_SOUND_SOUND_CODER_H
#define TH_CROP_SOUND_SOUND_CODER_H

#include <libavformat/avformat.h>

#include "common/error.h"

struct sound_coder;

/* For the sound of stream. From here to sound_coder_close, FFmpeg's libraries are told that the processor has no
 * special instructions, so that the bytes are the same on every machine: nothing else may be opened meanwhile. 0 and
 * *coder, or -1 and error: unreadable, it does not decode; or io. */
int sound_coder_open(struct sound_coder **coder, const AVStream *stream, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void sound_coder_close(struct sound_coder **coder);

/* Takes a packet of the stream, which stays the caller's; NULL: none follows. What does not decode becomes silence. 0,
 * or -1 and error: unreadable, it cannot be encoded; or io. */
int sound_coder_send(struct sound_coder *coder, const AVPacket *packet, struct error *error);

/* The next packet of AAC (av_packet_unref). 1 and packet, 0 when there is none (yet), or -1 and error. */
int sound_coder_receive(struct sound_coder *coder, AVPacket *packet, struct error *error);

/* Describes what is received, whose times are in units of *time_base. 1; 0 while nothing has been decoded; or -1 when
 * out of memory. */
int sound_coder_describe(const struct sound_coder *coder, AVCodecParameters *parameters, AVRational *time_base);

#endif
