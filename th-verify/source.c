#include "th-verify/source.h"

#include <libavcodec/packet.h>
#include <math.h>
#include <stdlib.h>

#include "common/chunk_reader.h"
#include "th-verify/container.h"
#include "th-verify/frames.h"
#include "th-verify/picture.h"

/* Frames of a chunk beyond which its times are not read. */
enum { FRAMES_MAX = 1000000 };

/* Opens the chunk. */
static int open_source(struct chunk_reader **reader, const char *path, struct error *error)
{
    int64_t bytes;

    *reader = NULL;
    return container_find(path, &bytes, error) || chunk_reader_open(reader, path, error) ? -1 : 0;
}

int source_look(const char *path, struct source_picture *picture, struct error *error)
{
    struct chunk_reader *reader;
    const AVCodecParameters *parameters;

    if (open_source(&reader, path, error))
        return -1;
    parameters = chunk_reader_video(reader)->codecpar;
    *picture = (struct source_picture){.width = parameters->width, .height = parameters->height};
    container_chroma(parameters, &picture->log2_chroma_w, &picture->log2_chroma_h);
    chunk_reader_close(&reader);
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
    struct chunk_reader *reader = NULL;
    AVPacket *packet = av_packet_alloc();
    size_t room = 0;
    int got, status = -1;

    *times = (struct source_times){0};
    if (!packet) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (open_source(&reader, path, error))
        goto end;
    times->time_base = chunk_reader_video(reader)->time_base;
    while ((got = chunk_reader_next(reader, packet, error)) > 0) {
        job_alive(job);
        if (add_time(times, packet, &room, error))
            goto end;
        av_packet_unref(packet);
    }
    if (got < 0)
        goto end;
    if (times->count)
        qsort(times->ticks, times->count, sizeof *times->ticks, compare);
    status = 0;
end:
    if (status) {
        free(times->ticks);
        *times = (struct source_times){0};
    }
    av_packet_free(&packet);
    chunk_reader_close(&reader);
    return status;
}

/* Takes the frames of a chunk and looks at a box of some of them. */
struct watch {
    int64_t skip, left; /* frames before the first that counts, and frames from there on that are still to come */
    const struct box *box;
    double enough, moved;
    AVFrame *first; /* cut to the box */
};

/* A new reference to frame that shows the box only; NULL and error when it is not inside, or memory runs out. */
static AVFrame *cut(const AVFrame *frame, const struct box *box, struct error *error)
{
    AVFrame *part;

    if (box->x > frame->width - box->w || box->y > frame->height - box->h || box->w <= 0 || box->h <= 0) {
        error_set(error, ERROR_OUTSIDE_PICTURE, "the box is not inside the source's picture");
        return NULL;
    }
    part = av_frame_clone(frame);
    if (!part) {
        error_set(error, ERROR_IO, "out of memory");
        return NULL;
    }
    part->crop_left = (size_t)box->x;
    part->crop_top = (size_t)box->y;
    part->crop_right = (size_t)(frame->width - box->w - box->x);
    part->crop_bottom = (size_t)(frame->height - box->h - box->y);
    if (av_frame_apply_cropping(part, AV_FRAME_CROP_UNALIGNED) < 0) {
        error_set(error, ERROR_UNREADABLE, "the source's pictures cannot be cut");
        av_frame_free(&part);
    }
    return part;
}

static int watch_frame(void *self, const AVFrame *frame, struct error *error)
{
    struct watch *watch = self;
    AVFrame *part;
    double distance;

    if (watch->skip-- > 0)
        return 0;
    part = cut(frame, watch->box, error);
    if (!part)
        return -1;
    if (!watch->first) {
        watch->first = part;
    } else {
        distance = picture_distance(watch->first, part);
        watch->moved = fmax(watch->moved, distance < 0 ? 255 : distance);
        av_frame_free(&part);
    }
    return --watch->left == 0 || watch->moved > watch->enough;
}

int source_motion(const char *path, struct job *job, int64_t start, int64_t count, const struct box *box, double enough,
                  double *moved, struct error *error)
{
    struct watch watch = {.skip = start, .left = count, .box = box, .enough = enough};
    const struct frames_sink sink = {.self = &watch, .take = watch_frame};
    struct chunk_reader *reader;
    int status;

    if (open_source(&reader, path, error))
        return -1;
    status = frames_decode(chunk_reader_format(reader), chunk_reader_video(reader)->index, job, &sink, error);
    if (!status && watch.left > 0 && watch.moved <= enough)
        status = error_set(error, ERROR_OUT_OF_RANGE, "the source ends before the clip's last frame");
    *moved = watch.moved;
    av_frame_free(&watch.first);
    chunk_reader_close(&reader);
    return status;
}
