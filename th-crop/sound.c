#include "th-crop/sound.h"

#include <libavcodec/codec_desc.h>
#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/chunk_reader.h"

/* Samples before the first one that is heard, without which an Opus decoder is not yet sure (RFC 7845, 4.6). */
enum { OPUS_PREROLL = 3840, OPUS_RATE = 48000 };

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

/* Takes packet, whose content becomes the sound's. 0, or -1 when out of memory. */
static int keep(struct sound *sound, AVPacket *packet, size_t *room)
{
    AVPacket *kept;

    if (sound->count == *room) {
        size_t more = *room ? 2 * *room : 4096;
        AVPacket **packets = reallocarray(sound->packets, more, sizeof(AVPacket *));

        if (!packets)
            return -1;
        sound->packets = packets;
        *room = more;
    }
    kept = av_packet_alloc();
    if (!kept || av_packet_make_refcounted(packet) < 0) {
        av_packet_free(&kept);
        return -1;
    }
    av_packet_move_ref(kept, packet);
    av_packet_free_side_data(kept); /* what is to be skipped in the chunk says nothing of the clip */
    sound->packets[sound->count++] = kept;
    return 0;
}

/* Keeps the packets of stream index, as long as they come in order. */
static int keep_all(struct sound *sound, struct chunk_reader *reader, int index, struct error *error)
{
    AVPacket *packet = av_packet_alloc();
    struct error end;
    size_t room = 0;
    int status = packet ? 0 : -1;

    while (!status && chunk_reader_next(reader, packet, &end) > 0) {
        const AVPacket *last = sound->count ? sound->packets[sound->count - 1] : NULL;

        if (packet->stream_index == index && packet->size > 0 && packet->pts != AV_NOPTS_VALUE &&
            (!last || packet->pts > last->pts))
            status = keep(sound, packet, &room);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    return status ? error_set(error, ERROR_IO, "out of memory") : 0;
}

/* Makes what the container says of the sound true of a piece of it. */
static void forget_beginning(AVCodecParameters *parameters)
{
    enum { OPUS_PRE_SKIP = 10, OPUS_HEAD_SIZE = 19 }; /* RFC 7845, 5.1 */

    parameters->codec_tag = 0; /* mp4 has its own */
    parameters->initial_padding = 0;
    if (parameters->codec_id == AV_CODEC_ID_OPUS && parameters->extradata_size >= OPUS_HEAD_SIZE)
        parameters->extradata[OPUS_PRE_SKIP] = parameters->extradata[OPUS_PRE_SKIP + 1] = 0;
}

static struct sound *new_sound(const AVStream *stream)
{
    struct sound *sound = calloc(1, sizeof *sound);

    if (!sound)
        return NULL;
    sound->time_base = stream->time_base;
    sound->parameters = avcodec_parameters_alloc();
    if (!sound->parameters || avcodec_parameters_copy(sound->parameters, stream->codecpar) < 0)
        sound_free(&sound);
    else
        forget_beginning(sound->parameters);
    return sound;
}

int sound_read(struct sound **sound, const char *address, char *note, size_t note_size, struct error *error)
{
    struct chunk_reader *reader = NULL;
    const AVStream *stream;
    int index, status = -1;

    *sound = NULL;
    *note = '\0';
    if (chunk_reader_open(&reader, address, error))
        goto end;
    index = av_find_best_stream(chunk_reader_format(reader), AVMEDIA_TYPE_AUDIO, -1, chunk_reader_video(reader)->index,
                                NULL, 0);
    status = 0;
    if (index < 0)
        goto end;
    stream = chunk_reader_format(reader)->streams[index];
    if (avformat_query_codec(av_guess_format("mp4", NULL, NULL), stream->codecpar->codec_id, FF_COMPLIANCE_NORMAL) !=
        1) {
        snprintf(note, note_size, "mp4 does not hold the chunk's sound, %s",
                 avcodec_get_name(stream->codecpar->codec_id));
        goto end;
    }
    chunk_reader_add_stream(reader, index);
    *sound = new_sound(stream);
    status = *sound ? keep_all(*sound, reader, index, error) : error_set(error, ERROR_IO, "out of memory");
    if (status || (*sound)->count == 0)
        sound_free(sound);
end:
    chunk_reader_close(&reader);
    return status;
}

/* How many packets a decoder needs before the one that sounds right: transforms overlap. */
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
