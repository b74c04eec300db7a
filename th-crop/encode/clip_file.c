#include "th-crop/encode/clip_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/opt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/output/output_file.h"
#include "common/output/output_place.h"
#include "common/output/work_folder.h"
#include "common/output/write_all.h"
#include "th-crop/encode/encoder.h"

/* FFmpeg calls FLAC in mp4 experimental; there is a specification for it now, and FFmpeg's libraries read it. */
enum { CLIP_COMPLIANCE = FF_COMPLIANCE_EXPERIMENTAL };

struct clip_file {
    const char *images;         /* NULL: a file; otherwise only this and the next four members are used */
    char *path;                 /* of the folder of pictures, NULL: it is not made or finished */
    int folder;                 /* its descriptor, -1: not open */
    int64_t count, bytes;       /* of the pictures */
    struct output_file *output; /* a file */
    AVIOContext *avio;
    int read_result; /* of reading back what was written: 0 or an AVERROR code */
    AVFormatContext *format;
    AVStream *streams[CLIP_STREAM_COUNT]; /* NULL when there is no sound */
};

/* Makes the folder of pictures. */
static int open_folder(struct clip_file *file, const char *path, struct error *error)
{
    if (mkdir(path, 0777))
        return error_set_errno(error, errno, "cannot make the folder %s", path);
    file->path = strdup(path);
    if (!file->path)
        return error_set(error, ERROR_IO, "out of memory");
    file->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return file->folder < 0 ? error_set_errno(error, errno, "cannot open the folder %s", path) : 0;
}

int clip_file_open(struct clip_file **file, const char *path, const char *images, struct error *error)
{
    struct clip_file *f = calloc(1, sizeof *f);
    int status;

    *file = f;
    if (!f)
        return error_set(error, ERROR_IO, "out of memory");
    f->images = images;
    f->folder = -1;
    status = images ? open_folder(f, path, error) : output_file_open(&f->output, path, error);
    if (!status && !images && !(f->avio = media_avio_alloc(output_file_fd(f->output), MEDIA_BLOCK_SMALL)))
        status = error_set(error, ERROR_IO, "out of memory");
    if (status)
        clip_file_abort(file);
    return status;
}

/* Metadata keys of the mp4 muxer, and the members of the records that they are taken from. */
static const struct {
    const char *key, *member;
} texts[] = {{"title", "title"}, {"artist", "uploader"}, {"comment", "url"}, {"copyright", "license"}};

/* Adds the credit, if the origin knows any of it, and then the tube's row. 0 or an AVERROR code. */
static int add_credit(AVDictionary **metadata, const struct clip_origin *origin, const struct tube *tube)
{
    int result = 0;
    bool has_any = false;
    char *row;

    for (size_t i = 0; result >= 0 && i < sizeof texts / sizeof *texts; i++) {
        const char *text = origin->lineage ? record_text(origin->lineage, texts[i].member) : NULL;

        /* Only source pages on the web: local paths are private. */
        if (text && !strcmp(texts[i].member, "url") && !av_strstart(text, "https://", NULL) &&
            !av_strstart(text, "http://", NULL))
            text = NULL;
        has_any |= text != NULL;
        if (text)
            result = av_dict_set(metadata, texts[i].key, text, 0);
    }
    if (result < 0 || !has_any)
        return result;
    row = av_asprintf("%s, %d, %d, %d, %d, %d, %d, %d, %d", origin->chunk, tube->height, tube->width, tube->start,
                      tube->end, tube->left, tube->top, tube->right, tube->bottom);
    return row ? av_dict_set(metadata, "description", row, AV_DICT_DONT_STRDUP_VAL) : AVERROR(ENOMEM);
}

/* sound may be NULL. 0 or an AVERROR code. */
static int add_streams(struct clip_file *file, const AVCodecContext *codec, const struct sound *sound)
{
    AVStream *video = avformat_new_stream(file->format, NULL);
    AVStream *audio = sound ? avformat_new_stream(file->format, NULL) : NULL;
    int result;

    if (!video || (sound && !audio))
        return AVERROR(ENOMEM);
    file->streams[CLIP_VIDEO] = video;
    file->streams[CLIP_SOUND] = audio;
    video->time_base = codec->time_base;
    video->avg_frame_rate = codec->framerate;
    video->sample_aspect_ratio = codec->sample_aspect_ratio;
    result = avcodec_parameters_from_context(video->codecpar, codec);
    if (result < 0 || !sound)
        return result;
    audio->time_base = sound->time_base;
    return avcodec_parameters_copy(audio->codecpar, sound->parameters);
}

/* AVFormatContext.io_open: the muxer reads the media data back, to move them behind the index. */
static int open_written(AVFormatContext *format, AVIOContext **avio, const char *url, int flags, AVDictionary **options)
{
    const struct clip_file *file = format->opaque;

    (void)url;
    (void)options;
    if (flags & AVIO_FLAG_WRITE)
        return AVERROR(EINVAL);
    *avio = media_avio_alloc_reader(output_file_fd(file->output));
    return *avio ? 0 : AVERROR(ENOMEM);
}

/* AVFormatContext.io_close2. The muxer takes a failed read for the end of the file. */
static int close_written(AVFormatContext *format, AVIOContext *avio)
{
    struct clip_file *file = format->opaque;

    file->read_result = media_avio_close(&avio);
    return file->read_result;
}

/* The index comes first, so that players of a remote file start at once. */
static int set_options(AVFormatContext *format, const char *container)
{
    bool is_mov = !strcmp(container, "mov"); /* else it drops the description, which is the tube */

    return av_opt_set(format->priv_data, "movflags", is_mov ? "+faststart+use_metadata_tags" : "+faststart", 0);
}

int clip_file_begin(struct clip_file *file, const AVCodecContext *codec, const struct sound *sound,
                    const struct clip_origin *origin, const struct tube *tube, struct error *error)
{
    const char *container = encoder_container(codec->codec_id);
    int result;

    if (file->images)
        return 0;
    result = avformat_alloc_output_context2(&file->format, NULL, container, NULL);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "cannot write %s files", container);
    if (origin && add_credit(&file->format->metadata, origin, tube) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    file->format->pb = file->avio;
    file->format->opaque = file;
    file->format->io_open = open_written;
    file->format->io_close2 = close_written;
    file->format->strict_std_compliance = CLIP_COMPLIANCE;
    file->format->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO; /* no dates, no versions */
    result = add_streams(file, codec, sound);
    if (result >= 0)
        result = set_options(file->format, container);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "cannot make the clip's streams");
    result = avformat_write_header(file->format, NULL);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "cannot write an %s file with %s", container,
                           avcodec_get_name(codec->codec_id));
    return 0;
}

int clip_file_try(const char *container, const AVCodecParameters *parameters, AVRational time_base)
{
    AVFormatContext *format = NULL;
    uint8_t *bytes = NULL;
    AVStream *stream;
    int result = avformat_alloc_output_context2(&format, NULL, container, NULL);

    if (result >= 0)
        result = avio_open_dyn_buf(&format->pb);
    if (result < 0)
        goto end;
    format->strict_std_compliance = CLIP_COMPLIANCE;
    stream = avformat_new_stream(format, NULL);
    result = stream ? avcodec_parameters_copy(stream->codecpar, parameters) : AVERROR(ENOMEM);
    if (result >= 0) {
        stream->codecpar->codec_tag = 0; /* the source's tag may not exist in this container */
        stream->time_base = time_base;
        result = avformat_write_header(format, NULL);
    }
    avio_close_dyn_buf(format->pb, &bytes);
    av_free(bytes);
end:
    avformat_free_context(format);
    return result;
}

/* Each packet is one picture. Files are numbered from 0. */
static int write_picture(struct clip_file *file, AVPacket *packet, struct error *error)
{
    char name[32];
    int fd, number;

    snprintf(name, sizeof name, "%06lld.%s", (long long)file->count++, file->images);
    fd = openat(file->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    number = fd < 0 || write_all(fd, packet->data, (size_t)packet->size) || fsync(fd) ? errno : 0;
    if (fd >= 0 && close(fd) && !number)
        number = errno;
    file->bytes += packet->size;
    av_packet_unref(packet);
    return number ? error_set_errno(error, number, "cannot write picture %s", name) : 0;
}

int clip_file_write(struct clip_file *file, enum clip_stream stream, AVPacket *packet, AVRational time_base,
                    struct error *error)
{
    int result;

    if (file->images)
        return write_picture(file, packet, error);
    packet->stream_index = file->streams[stream]->index;
    av_packet_rescale_ts(packet, time_base, file->streams[stream]->time_base);
    result = av_interleaved_write_frame(file->format, packet);
    if (result >= 0)
        result = file->avio->error;
    return result < 0 ? media_error(error, ERROR_IO, result, "the clip cannot be written") : 0;
}

/* 0, or -1 and error. */
static int finish_folder(struct clip_file *file, int64_t *bytes, struct error *error)
{
    if (output_place_sync_fd(file->folder))
        return error_set_errno(error, errno, "cannot write a folder of pictures to the disk");
    *bytes = file->bytes;
    free(file->path);
    file->path = NULL;
    return 0;
}

/* 0, or -1 and error. */
static int finish_file(struct clip_file *file, int64_t *bytes, struct error *error)
{
    int result = av_write_trailer(file->format);

    if (result >= 0)
        result = media_avio_close(&file->avio);
    if (result >= 0)
        result = file->read_result;
    return result < 0 ? media_error(error, ERROR_IO, result, "the clip cannot be written")
                      : output_file_commit(&file->output, bytes, error);
}

int clip_file_finish(struct clip_file **file, int64_t *bytes, struct error *error)
{
    int status = (*file)->images ? finish_folder(*file, bytes, error) : finish_file(*file, bytes, error);

    clip_file_abort(file);
    return status;
}

void clip_file_abort(struct clip_file **file)
{
    if (!*file)
        return;
    avformat_free_context((*file)->format);
    (void)media_avio_close(&(*file)->avio); /* the file is discarded, or complete already */
    output_file_abort(&(*file)->output);
    if ((*file)->folder >= 0)
        close((*file)->folder);
    if ((*file)->path)
        work_folder_remove(AT_FDCWD, (*file)->path);
    free((*file)->path);
    free(*file);
    *file = NULL;
}
