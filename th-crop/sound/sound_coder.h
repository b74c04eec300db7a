/* Transcodes sound that mp4 does not hold to AAC. */
#ifndef TH_CROP_SOUND_SOUND_CODER_H
#define TH_CROP_SOUND_SOUND_CODER_H

#include <libavformat/avformat.h>

#include "common/error.h"

struct sound_coder;

/* Opens the decoder of stream. Until sound_coder_close, FFmpeg uses no special instructions of the processor, so that
 * the bytes are the same on every machine; open nothing else of FFmpeg meanwhile. 0 and *coder, or -1 and error:
 * unreadable (no decoder takes it), io. */
int sound_coder_open(struct sound_coder **coder, const AVStream *stream, struct error *error);

/* Frees and leaves NULL; takes NULL. */
void sound_coder_close(struct sound_coder **coder);

/* Sends a packet of the stream, which stays the caller's; NULL: no packet follows. Packets that do not decode become
 * silence. 0, or -1 and error: unreadable (cannot be encoded), io. */
int sound_coder_send(struct sound_coder *coder, const AVPacket *packet, struct error *error);

/* The next AAC packet (av_packet_unref). 1 and packet, 0 when there is none yet, or -1 and error. */
int sound_coder_receive(struct sound_coder *coder, AVPacket *packet, struct error *error);

/* The parameters of the AAC packets and the unit of their times. 1; 0 when nothing has been decoded yet; or -1 when out
 * of memory. */
int sound_coder_describe(const struct sound_coder *coder, AVCodecParameters *parameters, AVRational *time_base);

#endif
