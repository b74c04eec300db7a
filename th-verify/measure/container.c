#include "th-verify/measure/container.h"

#include <errno.h>
#include <libavutil/pixdesc.h>
#include <sys/stat.h>

#include "common/av/media.h"
#include "common/av/rotate.h"
#include "common/cut/chunk_range.h"

int container_find(const char *path, int64_t *bytes, struct error *error)
{
    struct stat status;

    *bytes = 0;
    if (stat(path, &status)) {
        if (errno == ENOENT || errno == ENOTDIR)
            return error_set(error, ERROR_MISSING, "there is no file %s", path);
        return error_set_errno(error, errno, "cannot look at %s", path);
    }
    if (!S_ISREG(status.st_mode))
        return error_set(error, ERROR_UNREADABLE, "%s is not a file", path);
    if (status.st_size == 0)
        return error_set(error, ERROR_MISSING, "the file %s is empty", path);
    *bytes = status.st_size;
    return 0;
}

int container_open_chunk(struct chunk_reader **reader, const char *path, struct error *error)
{
    int64_t bytes;

    *reader = NULL;
    return container_find(chunk_range_path(path), &bytes, error) || chunk_reader_open(reader, path, error) ? -1 : 0;
}

void container_chroma(const AVCodecParameters *parameters, int *log2_chroma_w, int *log2_chroma_h)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(parameters->format);

    *log2_chroma_w = format ? format->log2_chroma_w : 1;
    *log2_chroma_h = format ? format->log2_chroma_h : 1;
}

static void count_stream(struct container *container, const AVStream *stream)
{
    switch (stream->codecpar->codec_type) {
    case AVMEDIA_TYPE_VIDEO:
        if (container->video_streams++ == 0)
            container->video = stream->index;
        break;
    case AVMEDIA_TYPE_AUDIO:
        container->sound_streams++;
        break;
    default:
        container->other_streams++;
    }
}

static bool is_turned(const AVStream *stream)
{
    char filters[ROTATE_FILTERS_MAX];

    rotate_filters(rotate_matrix(stream), filters);
    return *filters;
}

int container_open(AVFormatContext **format, const char *path, struct container *container, struct error *error)
{
    const AVStream *stream;

    *format = NULL;
    *container = (struct container){.video = -1};
    if (container_find(path, &container->bytes, error) || media_open(format, path, error))
        return -1;
    for (unsigned i = 0; i < (*format)->nb_streams; i++)
        count_stream(container, (*format)->streams[i]);
    if (container->video < 0)
        return 0;
    stream = (*format)->streams[container->video];
    container->frames = stream->nb_frames;
    container->width = stream->codecpar->width;
    container->height = stream->codecpar->height;
    container_chroma(stream->codecpar, &container->log2_chroma_w, &container->log2_chroma_h);
    container->is_turned = is_turned(stream);
    container->has_start = stream->start_time != AV_NOPTS_VALUE;
    if (container->has_start)
        container->start = (double)stream->start_time * av_q2d(stream->time_base);
    return 0;
}
