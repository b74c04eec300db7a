#include "th-verify/images.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libavcodec/avcodec.h>
#include <libavutil/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *images_kind(const struct clip *clip)
{
    const char *kind = record_text(clip->lineage, "images");

    return kind && (!strcmp(kind, "png") || !strcmp(kind, "jpg")) ? kind : NULL;
}

/* How many files lie in the folder. 0, or -1 and error. */
static int count_files(const char *path, int64_t *count, struct error *error)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    *count = 0;
    if (!dir && (errno == ENOENT || errno == ENOTDIR))
        return error_set(error, ERROR_MISSING, "there is no folder %s", path);
    if (!dir)
        return error_set_errno(error, errno, "cannot read the folder %s", path);
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

/* Looks into picture `number`. 0, or -1 and what is wrong with it. */
static int look_into(const char *path, int64_t number, const char *kind, AVFrame *frame, struct container *container,
                     struct error *fault)
{
    AVCodecContext *codec = open_codec(kind);
    uint8_t *data = NULL;
    size_t size = 0;
    int result = codec ? av_file_map(path, &data, &size, 0, NULL) : AVERROR(ENOMEM), status = -1;

    if (result >= 0) {
        container->bytes += (int64_t)size;
        result = decode(codec, data, size, frame);
    }
    if (result < 0) {
        error_set(fault, result == AVERROR(ENOENT) ? ERROR_FRAME_COUNT : ERROR_DECODE_ERROR,
                  "picture %" PRId64 " of the clip cannot be read: %s", number, av_err2str(result));
    } else if (container->width && (frame->width != container->width || frame->height != container->height)) {
        error_set(fault, ERROR_WRONG_SIZE, "picture %" PRId64 " is %dx%d, the first one %dx%d", number, frame->width,
                  frame->height, container->width, container->height);
    } else {
        container->width = frame->width;
        container->height = frame->height;
        status = 0;
    }
    if (data)
        av_file_unmap(data, size);
    av_frame_unref(frame);
    avcodec_free_context(&codec);
    return status;
}

int images_look(const struct clip *clip, enum level level, struct job *job, struct evidence *evidence,
                struct error *error)
{
    struct container *container = &evidence->container;
    AVFrame *frame = av_frame_alloc();
    const char *kind = images_kind(clip);
    int64_t count;

    if (!frame)
        return error_set(error, ERROR_IO, "out of memory");
    *container = (struct container){.video_streams = 1};
    if (count_files(clip->path, &count, &evidence->fault))
        goto end;
    container->frames = count;
    for (int64_t i = 0; i < (level >= LEVEL_DECODE ? count : 1); i++) {
        char *path = NULL;
        int status;

        if (asprintf(&path, "%s/%06" PRId64 ".%s", clip->path, i, kind) < 0) {
            error_set(error, ERROR_IO, "out of memory");
            break;
        }
        status = look_into(path, i, kind, frame, container, &evidence->fault);
        free(path);
        if (status)
            break;
        job_alive(job);
    }
end:
    av_frame_free(&frame);
    return error->word == ERROR_NONE ? 0 : -1;
}
