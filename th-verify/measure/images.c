#include "th-verify/measure/images.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <libavutil/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *images_kind(const json_t *record)
{
    const char *kind = record_text(record, "images");

    return kind && (!strcmp(kind, "png") || !strcmp(kind, "jpg")) ? kind : NULL;
}

int images_count(const char *folder, int64_t *count, struct error *error)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    *count = 0;
    if (!dir && (errno == ENOENT || errno == ENOTDIR))
        return error_set(error, ERROR_MISSING, "there is no folder %s", folder);
    if (!dir)
        return error_set_errno(error, errno, "cannot read the folder %s", folder);
    while ((entry = readdir(dir)))
        *count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return 0;
}

/* Decodes the picture in size bytes. 0 and frame, or a negative AVERROR. */
static int decode(AVCodecContext *codec, const uint8_t *data, size_t size, AVFrame *frame)
{
    AVPacket *packet = av_packet_alloc();
    int result = packet ? av_new_packet(packet, (int)size) : AVERROR(ENOMEM);

    if (result >= 0) {
        memcpy(packet->data, data, size);
        result = avcodec_send_packet(codec, packet);
    }
    if (result >= 0)
        result = avcodec_receive_frame(codec, frame);
    av_packet_free(&packet);
    return result;
}

static AVCodecContext *open_codec(const char *kind)
{
    const AVCodec *decoder = avcodec_find_decoder(!strcmp(kind, "png") ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG);
    AVCodecContext *codec = decoder ? avcodec_alloc_context3(decoder) : NULL;

    if (!codec)
        return NULL;
    codec->thread_count = 1;
    codec->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    if (avcodec_open2(codec, decoder, NULL) < 0)
        avcodec_free_context(&codec);
    return codec;
}

int images_read(const char *folder, const char *kind, int64_t number, AVFrame *frame, size_t *size)
{
    AVCodecContext *codec = NULL;
    uint8_t *data = NULL;
    char *path = NULL;
    int result = AVERROR(ENOMEM);

    *size = 0;
    if (asprintf(&path, "%s/%06" PRId64 ".%s", folder, number, kind) < 0)
        return result;
    codec = open_codec(kind);
    if (codec)
        result = av_file_map(path, &data, size, 0, NULL);
    if (result >= 0)
        result = decode(codec, data, *size, frame);
    if (data)
        av_file_unmap(data, *size);
    avcodec_free_context(&codec);
    free(path);
    return result < 0 ? result : 0;
}

/* Measures picture `number`. 0, or -1 and its fault. */
static int measure_picture(const char *folder, int64_t number, const char *kind, AVFrame *frame,
                           struct container *container, struct error *fault)
{
    size_t size;
    int result = images_read(folder, kind, number, frame, &size), status = -1;

    container->bytes += (int64_t)size;
    if (result < 0) {
        enum error_word word = result == AVERROR(ENOENT)   ? ERROR_FRAME_COUNT
                               : result == AVERROR(ENOMEM) ? ERROR_IO
                                                           : ERROR_DECODE_ERROR;

        error_set(fault, word, "picture %" PRId64 " of the clip cannot be read: %s", number, av_err2str(result));
    } else if (container->width && (frame->width != container->width || frame->height != container->height)) {
        error_set(fault, ERROR_WRONG_SIZE, "picture %" PRId64 " is %dx%d, the first one %dx%d", number, frame->width,
                  frame->height, container->width, container->height);
    } else {
        container->width = frame->width;
        container->height = frame->height;
        status = 0;
    }
    av_frame_unref(frame);
    return status;
}

int images_measure(const struct clip *clip, enum level level, struct job *job, struct evidence *evidence,
                   struct error *error)
{
    struct container *container = &evidence->container;
    AVFrame *frame = av_frame_alloc();
    const char *kind = images_kind(clip->lineage);
    int64_t count;

    if (!frame)
        return error_set(error, ERROR_IO, "out of memory");
    *container = (struct container){.video_streams = 1};
    if (images_count(clip->path, &count, &evidence->fault))
        goto end;
    container->frames = count;
    for (int64_t i = 0; i < (level >= LEVEL_DECODE ? count : 1); i++) {
        if (measure_picture(clip->path, i, kind, frame, container, &evidence->fault))
            break;
        job_alive(job);
    }
end:
    av_frame_free(&frame);
    return 0;
}
