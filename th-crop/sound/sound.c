#include "th-crop/sound/sound.h"

#include <libavcodec/codec_desc.h>
#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/cut/chunk_reader.h"
#include "common/cut/partial_file.h"
#include "th-crop/encode/clip_file.h"
#include "th-crop/sound/sound_coder.h"

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

/* Appends packet, which is later than all before it, and leaves it empty. 0, or -1 and error. */
static int keep(struct sound *sound, AVPacket *packet, struct error *error)
{
    AVPacket *kept, **packets = array_make_room(sound->packets, sound->count, &sound->room, sizeof(AVPacket *));

    if (!packets)
        return error_set(error, ERROR_IO, "out of memory");
    sound->packets = packets;
    kept = av_packet_alloc();
    if (!kept || av_packet_make_refcounted(packet) < 0) {
        av_packet_free(&kept);
        return error_set(error, ERROR_IO, "out of memory");
    }
    av_packet_move_ref(kept, packet);
    av_packet_free_side_data(kept); /* samples to skip in the chunk, which do not apply to the clip */
    sound->packets[sound->count++] = kept;
    return 0;
}

/* Appends packet unless its time is missing or not after the last one. 0, or -1 and error. */
static int copy(struct sound *sound, AVPacket *packet, struct error *error)
{
    const AVPacket *last = sound->count ? sound->packets[sound->count - 1] : NULL;

    return packet->pts == AV_NOPTS_VALUE || (last && packet->pts <= last->pts) ? 0 : keep(sound, packet, error);
}

/* Appends what coder makes of packet; NULL: no packet follows. made: for its packets. 0, or -1 and error. */
static int encode(struct sound *sound, struct sound_coder *coder, AVPacket *packet, AVPacket *made, struct error *error)
{
    int got = sound_coder_send(coder, packet, error);

    while (!got && (got = sound_coder_receive(coder, made, error)) > 0)
        got = keep(sound, made, error);
    return got;
}

/* The stream that is read. */
struct source {
    struct chunk_reader *reader;
    int index; /* of the stream */
    const struct chunk_file_watch *watch;
};

static const AVStream *stream_of(const struct source *source)
{
    return chunk_reader_format(source->reader)->streams[source->index];
}

/* Reads the packets; coder: NULL when they are copied. 0, or -1 and error. */
static int read_all(struct sound *sound, const struct source *source, struct sound_coder *coder, struct error *error)
{
    AVPacket *packet = av_packet_alloc(), *made = av_packet_alloc();
    struct error end;
    int status = 0;

    if (!packet || !made) {
        status = error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    chunk_reader_add_stream(source->reader, source->index);
    while (!status && chunk_reader_next(source->reader, packet, &end) > 0) {
        source->watch->alive(source->watch->self);
        if (packet->stream_index == source->index && partial_file_is_marked(packet))
            status = error_set(error, ERROR_NOT_FETCHED, "the sound of the chunk was not downloaded");
        else if (packet->stream_index == source->index && packet->size > 0)
            status = coder ? encode(sound, coder, packet, made, error) : copy(sound, packet, error);
        av_packet_unref(packet);
    }
    if (!status && coder)
        status = encode(sound, coder, NULL, made, error);
end:
    av_packet_free(&packet);
    av_packet_free(&made);
    return status;
}

/* Removes what is true only of the beginning of the chunk's sound: the delay of its encoder. */
static void forget_beginning(AVCodecParameters *parameters)
{
    enum { OPUS_PRE_SKIP = 10, OPUS_HEAD_SIZE = 19 }; /* RFC 7845, 5.1 */

    parameters->codec_tag = 0; /* mp4 has its own */
    parameters->initial_padding = 0;
    if (parameters->codec_id == AV_CODEC_ID_OPUS && parameters->extradata_size >= OPUS_HEAD_SIZE)
        parameters->extradata[OPUS_PRE_SKIP] = parameters->extradata[OPUS_PRE_SKIP + 1] = 0;
}

/* Reads the stream, as it is or encoded as AAC. 0, or -1 and error. */
static int read_stream(struct sound *sound, const struct source *source, bool as_aac, struct error *error)
{
    const AVStream *stream = stream_of(source);
    struct sound_coder *coder = NULL;
    int result = 0, status = as_aac ? sound_coder_open(&coder, stream, error) : 0;

    if (!as_aac) {
        sound->time_base = stream->time_base;
        result = avcodec_parameters_copy(sound->parameters, stream->codecpar);
    }
    if (!status && result >= 0)
        status = read_all(sound, source, coder, error);
    if (!status && as_aac)
        result = sound_coder_describe(coder, sound->parameters, &sound->time_base);
    if (result < 0)
        status = error_set(error, ERROR_IO, "out of memory");
    sound_coder_close(&coder);
    return status;
}

/* Transcodes sound that mp4 does not hold. 0 and a note that says so, or why it failed and *sound is NULL; or -1 and
 * error (io). */
static int transcode(struct sound **sound, const struct source *source, char *note, size_t note_size,
                     struct error *error)
{
    const char *name = avcodec_get_name(stream_of(source)->codecpar->codec_id);
    int status = read_stream(*sound, source, true, error);

    if (status && error->word == ERROR_IO)
        return -1;
    if (status)
        snprintf(note, note_size, "mp4 cannot hold pieces of the chunk's sound, %s, and %s", name, error->message);
    else if (!(*sound)->count)
        snprintf(note, note_size, "mp4 cannot hold pieces of the chunk's sound, %s, and nothing of it decodes", name);
    else
        snprintf(note, note_size, "the sound was encoded as AAC: mp4 cannot hold pieces of the chunk's, %s", name);
    if (status)
        sound_free(sound);
    return 0;
}

/* True when mp4 takes any run of packets of the stream: each decodes without those before it, except for the overlap of
 * transforms. Vorbis is left out: only FFmpeg reads it in mp4, and it loses the first packet. */
static bool mp4_holds(const AVStream *stream)
{
    enum { USAC = 41 }; /* profile of audio object type 42 (ISO/IEC 14496-3); its packets depend on earlier ones */
    const AVCodecParameters *parameters = stream->codecpar;
    const AVCodecDescriptor *codec = avcodec_descriptor_get(parameters->codec_id);
    bool stands_alone = codec && codec->props & AV_CODEC_PROP_INTRA_ONLY;

    /* Newer FFmpeg versions do not mark AAC as intra-only, because USAC is not. */
    if (parameters->codec_id == AV_CODEC_ID_AAC)
        stands_alone = parameters->profile != USAC;
    return stands_alone && parameters->codec_id != AV_CODEC_ID_VORBIS &&
           clip_file_try("mp4", parameters, stream->time_base) >= 0;
}

int sound_read(struct sound **sound, const char *address, const struct chunk_file_watch *watch, char *note,
               size_t note_size, struct error *error)
{
    struct source source = {.watch = watch};
    int status = -1;

    *sound = NULL;
    *note = '\0';
    if (chunk_reader_open(&source.reader, address, error))
        goto end;
    status = 0;
    source.index = av_find_best_stream((AVFormatContext *)chunk_reader_format(source.reader), AVMEDIA_TYPE_AUDIO, -1,
                                       chunk_reader_video(source.reader)->index, NULL, 0);
    if (source.index < 0)
        goto end;
    *sound = calloc(1, sizeof **sound);
    if (!*sound || !((*sound)->parameters = avcodec_parameters_alloc()))
        status = error_set(error, ERROR_IO, "out of memory");
    else if (mp4_holds(stream_of(&source)))
        status = read_stream(*sound, &source, false, error);
    else
        status = transcode(sound, &source, note, note_size, error);
    if (status || (*sound && !(*sound)->count))
        sound_free(sound);
    if (*sound)
        forget_beginning((*sound)->parameters);
end:
    chunk_reader_close(&source.reader);
    return status;
}

/* Samples that an Opus decoder needs before its output is correct (RFC 7845, 4.6). */
enum { OPUS_PREROLL = 3840, OPUS_RATE = 48000 };

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
    int64_t pts = next ? av_sat_sub64(next->pts, cut->start) : 0;

    if (!next || pts >= end || (!is_last && av_sat_add64(pts, next->duration) > end))
        return 0;
    if (av_packet_ref(packet, next) < 0)
        return -1;
    packet->pts = packet->dts = pts;
    if (av_sat_add64(pts, packet->duration) > end)
        packet->duration = av_sat_sub64(end, pts);
    cut->next++;
    return 1;
}
