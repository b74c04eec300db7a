#include "th-verify/source.h"

#include <libavformat/avformat.h>
#include <stdlib.h>

#include "common/media.h"
#include "th-verify/container.h"

/* Frames of a chunk beyond which its times are not read. */
enum { FRAMES_MAX = 1000000 };

/* Opens the file's video stream; *video is its index. */
static int open_source(AVFormatContext **format, const char *path, int *video, struct error *error)
{
    int64_t bytes;

    *format = NULL;
    if (container_find(path, &bytes, error) || media_open(format, path, error))
        return -1;
    *video = media_video_stream(*format, error);
    if (*video >= 0)
        return 0;
    media_close(format);
    return -1;
}

int source_look(const char *path, struct source_picture *picture, struct error *error)
{
    AVFormatContext *format;
    const AVCodecParameters *parameters;
    int video;

    if (open_source(&format, path, &video, error))
        return -1;
    parameters = format->streams[video]->codecpar;
    *picture = (struct source_picture){.width = parameters->width, .height = parameters->height};
    container_chroma(parameters, &picture->log2_chroma_w, &picture->log2_chroma_h);
    media_close(&format);
    return 0;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Adds the packet's time, unless its frame is not shown. */
static int add_time(struct source_times *times, const AVPacket *packet, size_t *room, struct error *error)
{
    if (packet->flags & AV_PKT_FLAG_DISCARD)
        return 0;
    if (packet->pts == AV_NOPTS_VALUE || times->count == FRAMES_MAX)
        return error_set(error, ERROR_UNREADABLE, "frame %zu of the source has no time that can be used", times->count);
    if (times->count == *room) {
        size_t wanted = *room ? 2 * *room : 2048;
        int64_t *more = reallocarray(times->ticks, wanted, sizeof *more);

        if (!more)
            return error_set(error, ERROR_IO, "out of memory");
        times->ticks = more;
        *room = wanted;
    }
    times->ticks[times->count++] = packet->pts;
    return 0;
}

int source_read_times(const char *path, struct job *job, struct source_times *times, struct error *error)
{
    AVFormatContext *format = NULL;
    AVPacket *packet = av_packet_alloc();
    size_t room = 0;
    int video, result, status = -1;

    *times = (struct source_times){0};
    if (!packet) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (open_source(&format, path, &video, error))
        goto end;
    times->time_base = format->streams[video]->time_base;
    while ((result = av_read_frame(format, packet)) >= 0) {
        job_alive(job);
        if (packet->stream_index == video && add_time(times, packet, &room, error))
            goto end;
        av_packet_unref(packet);
    }
    if (result != AVERROR_EOF) {
        media_error(error, ERROR_UNREADABLE, result, "cannot read %s to its end", path);
        goto end;
    }
    if (times->count)
        qsort(times->ticks, times->count, sizeof *times->ticks, compare);
    status = 0;
end:
    if (status) {
        free(times->ticks);
        *times = (struct source_times){0};
    }
    av_packet_free(&packet);
    media_close(&format);
    return status;
}
