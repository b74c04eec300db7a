#include "th-crop/sound/sound.h"

#include <libavcodec/codec_desc.h>
#include <stdlib.h>

#include "common/array.h"

/* Samples that an Opus decoder needs before its output is correct (RFC 7845, 4.6). */
enum { OPUS_PREROLL = 3840, OPUS_RATE = 48000 };

struct sound *sound_alloc(void)
{
    struct sound *sound = calloc(1, sizeof *sound);

    if (!sound)
        return NULL;
    sound->parameters = avcodec_parameters_alloc();
    if (!sound->parameters)
        sound_free(&sound);
    return sound;
}

void sound_free(struct sound **sound)
{
    if (!*sound)
        return;
    for (size_t i = 0; i < (*sound)->count; i++)
        av_packet_free(&(*sound)->packets[i]);
    free((*sound)->packets);
    avcodec_parameters_free(&(*sound)->parameters);
    free(*sound);
    *sound = NULL;
}

int sound_keep(struct sound *sound, AVPacket *packet)
{
    AVPacket *kept, **packets = array_make_room(sound->packets, sound->count, &sound->room, sizeof(AVPacket *));

    if (!packets)
        return -1;
    sound->packets = packets;
    kept = av_packet_alloc();
    if (!kept || av_packet_make_refcounted(packet) < 0) {
        av_packet_free(&kept);
        return -1;
    }
    av_packet_move_ref(kept, packet);
    av_packet_free_side_data(kept); /* samples to skip in the chunk, which do not apply to the clip */
    sound->packets[sound->count++] = kept;
    return 0;
}

/* How many packets a decoder needs before the first correct one: transforms overlap. */
static size_t preroll(const struct sound *sound, int64_t duration)
{
    const AVCodecDescriptor *codec = avcodec_descriptor_get(sound->parameters->codec_id);
    int64_t samples = av_rescale_q(duration, sound->time_base, (AVRational){1, OPUS_RATE});

    if (sound->parameters->codec_id == AV_CODEC_ID_OPUS && samples > 0)
        return (size_t)((OPUS_PREROLL + samples - 1) / samples);
    return !codec || codec->props & AV_CODEC_PROP_LOSSY ? 1 : 0;
}

void sound_cut_begin(struct sound_cut *cut, const struct sound *sound, int64_t start)
{
    size_t first = 0, before;

    while (first + 1 < sound->count && sound->packets[first + 1]->pts <= start)
        first++;
    before = preroll(sound, sound->packets[first]->duration);
    *cut = (struct sound_cut){.sound = sound, .next = first > before ? first - before : 0, .start = start};
}

int sound_cut_next(struct sound_cut *cut, int64_t end, bool is_last, AVPacket *packet)
{
    const AVPacket *next = cut->next < cut->sound->count ? cut->sound->packets[cut->next] : NULL;
    int64_t pts = next ? next->pts - cut->start : 0;

    if (!next || pts >= end || (!is_last && pts + next->duration > end))
        return 0;
    if (av_packet_ref(packet, next) < 0)
        return -1;
    packet->pts = packet->dts = pts;
    if (pts + packet->duration > end)
        packet->duration = end - pts;
    cut->next++;
    return 1;
}
