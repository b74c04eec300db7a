#include "common/av/media.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/av/compat.h"
#include "common/output/write_all.h"

/* Demuxers of plain video files. Playlist formats (hls, dash, concat, sdp, ...) are excluded: they open other files. */
static const char formats[] = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpegts,mpeg,ogg,asf";

int media_error(struct error *error, enum error_word word, int averror, const char *format, ...)
{
    int number = AVUNERROR(averror);
    char what[300];
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(what, sizeof what, format, arguments) < 0)
        what[0] = '\0';
    va_end(arguments);
    if (number == ENOSPC || number == EDQUOT || number == EIO || number == EACCES || number == ENOENT ||
        number == EPERM || number == EROFS || number == EISDIR || number == EMFILE || number == ENFILE)
        return error_set_errno(error, number, "%s", what);
    return error_set(error, word, "%s: %s", what, av_err2str(averror));
}

/* avformat_find_stream_info with MEDIA_PIXELS_MAX: it decodes, to learn the pixel format. 0 or an AVERROR code. */
static int find_stream_info(AVFormatContext *format)
{
    unsigned int count = format->nb_streams;
    AVDictionary **options = av_calloc(count + 1, sizeof(AVDictionary *));
    int result = options ? 0 : AVERROR(ENOMEM);

    for (unsigned int i = 0; i < count && result >= 0; i++)
        result = av_dict_set_int(&options[i], "max_pixels", MEDIA_PIXELS_MAX, 0);
    if (result >= 0)
        result = avformat_find_stream_info(format, options);
    for (unsigned int i = 0; options && i < count; i++)
        av_dict_free(&options[i]);
    av_free(options);
    return result;
}

int media_open(AVFormatContext **format, const char *path, struct error *error)
{
    return media_open_avio(format, path, NULL, error);
}

int media_open_avio(AVFormatContext **format, const char *path, AVIOContext *avio, struct error *error)
{
    AVDictionary *options = NULL;
    char *url = NULL;
    int result = AVERROR(ENOMEM);

    *format = avformat_alloc_context();
    if (!*format)
        goto end;
    (*format)->pb = avio;
    /* Without the prefix a path such as "http:x" would be a URL. */
    if (asprintf(&url, "file:%s", path) < 0) {
        url = NULL;
        goto end;
    }
    if ((result = av_dict_set(&options, "protocol_whitelist", "file", 0)) < 0 ||
        (result = av_dict_set(&options, "format_whitelist", formats, 0)) < 0)
        goto end;
    result = avformat_open_input(format, url, NULL, &options);
    if (result >= 0)
        result = find_stream_info(*format);
end:
    if (result < 0)
        avformat_close_input(format);
    av_dict_free(&options);
    free(url);
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "cannot read %s as video", path) : 0;
}

int media_video_stream(const AVFormatContext *format, struct error *error)
{
    int best = av_find_best_stream((AVFormatContext *)format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);

    if (best < 0 || format->streams[best]->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return error_set(error, ERROR_NO_VIDEO, "%s holds no video stream", format->url + strlen("file:"));
    return best;
}

void media_facts(const AVFormatContext *format, int video, struct media_facts *facts)
{
    const AVStream *stream = format->streams[video];

    *facts = (struct media_facts){.width = stream->codecpar->width,
                                  .height = stream->codecpar->height,
                                  .fps = stream->avg_frame_rate,
                                  .frames = stream->nb_frames};
    if (stream->duration != AV_NOPTS_VALUE)
        facts->duration = (double)stream->duration * av_q2d(stream->time_base);
    else if (format->duration != AV_NOPTS_VALUE)
        facts->duration = (double)format->duration / AV_TIME_BASE;
    if (facts->fps.den == 0)
        facts->fps = (AVRational){0, 1};
}

int media_decoder_alloc(AVCodecContext **decoder, const AVStream *stream)
{
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    int result = AVERROR(ENOMEM);

    *decoder = NULL;
    if (!codec)
        return AVERROR_DECODER_NOT_FOUND;
    *decoder = avcodec_alloc_context3(codec);
    if (*decoder)
        result = avcodec_parameters_to_context(*decoder, stream->codecpar);
    if (result < 0) {
        avcodec_free_context(decoder);
        return result;
    }
    (*decoder)->pkt_timebase = stream->time_base;
    (*decoder)->thread_count = 1;
    (*decoder)->max_pixels = MEDIA_PIXELS_MAX;
    return 0;
}

int media_decoder_open(AVCodecContext **decoder, const AVStream *stream, const char *what, struct error *error)
{
    int result = media_decoder_alloc(decoder, stream);

    if (result == AVERROR_DECODER_NOT_FOUND)
        return error_set(error, ERROR_UNREADABLE, "there is no decoder for %s",
                         avcodec_get_name(stream->codecpar->codec_id));
    if (result == AVERROR(ENOMEM))
        return error_set(error, ERROR_IO, "out of memory");
    if (result >= 0)
        result = avcodec_open2(*decoder, NULL, NULL);
    if (result >= 0)
        return 0;
    avcodec_free_context(decoder);
    return media_error(error, ERROR_UNREADABLE, result, "%s does not decode", what);
}

/* The opaque value of an AVIOContext. The descriptor's own offset is not used, so that several can share one. */
struct place {
    int fd; /* -1: none */
    int64_t offset;
};

static int read_bytes(void *opaque, uint8_t *buffer, int size)
{
    struct place *place = opaque;
    ssize_t got;

    do
        got = pread(place->fd, buffer, (size_t)size, place->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return AVERROR(errno);
    place->offset += got;
    return got ? (int)got : AVERROR_EOF;
}

static int write_bytes(void *opaque, compat_avio_byte *buffer, int size)
{
    struct place *place = opaque;

    if (place->fd >= 0 && write_all_at(place->fd, buffer, (size_t)size, place->offset))
        return AVERROR(errno);
    place->offset += size;
    return size;
}

/* avio_seek() turns every offset into one from the beginning. */
static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct place *place = opaque;
    struct stat facts;

    if (whence & AVSEEK_SIZE)
        return place->fd < 0 ? AVERROR(ENOSYS) : fstat(place->fd, &facts) ? AVERROR(errno) : facts.st_size;
    if ((whence & ~AVSEEK_FORCE) != SEEK_SET)
        return AVERROR(EINVAL);
    return place->offset = offset;
}

/* avio_alloc_context() with a buffer of its own; write is NULL for an input. */
static AVIOContext *wrap(int size, void *opaque, media_avio_read *read, int (*write)(void *, compat_avio_byte *, int),
                         media_avio_seek *seek)
{
    unsigned char *buffer = av_malloc((size_t)size);
    AVIOContext *avio = buffer ? avio_alloc_context(buffer, size, write != NULL, opaque, read, write, seek) : NULL;

    if (!avio)
        av_free(buffer);
    return avio;
}

AVIOContext *media_avio_wrap(int size, void *opaque, media_avio_read *read, media_avio_seek *seek)
{
    return wrap(size, opaque, read, NULL, seek);
}

void media_avio_unwrap(AVIOContext **avio)
{
    if (!*avio)
        return;
    av_freep(&(*avio)->buffer);
    avio_context_free(avio);
}

static AVIOContext *alloc_avio(int fd, enum media_block block, bool is_output)
{
    struct place *place = malloc(sizeof *place);
    AVIOContext *avio = NULL;

    if (place)
        avio = wrap((int)block, place, read_bytes, is_output ? write_bytes : NULL, seek_bytes);
    if (!avio) {
        free(place);
        return NULL;
    }
    *place = (struct place){.fd = fd};
    return avio;
}

AVIOContext *media_avio_alloc(int fd, enum media_block block)
{
    AVIOContext *avio = alloc_avio(fd, block, true);

    if (avio)
        avio->min_packet_size = (int)block; /* otherwise each packet is one write */
    return avio;
}

AVIOContext *media_avio_alloc_reader(int fd)
{
    return alloc_avio(fd, MEDIA_BLOCK_SMALL, false);
}

int media_avio_close(AVIOContext **avio)
{
    int error;

    if (!*avio)
        return 0;
    avio_flush(*avio);
    error = (*avio)->error;
    free((*avio)->opaque);
    media_avio_unwrap(avio);
    return error;
}
