#include "th-verify/source.h"

#include <libavcodec/packet.h>
#include <math.h>
#include <stdlib.h>

#include "common/chunk_range.h"
#include "common/turner.h"
#include "th-verify/container.h"
#include "th-verify/frames.h"
#include "th-verify/picture.h"

int source_open(struct chunk_reader **reader, const char *path, struct error *error)
{
    int64_t bytes;

    *reader = NULL;
    return container_find(chunk_address_path(path), &bytes, error) || chunk_reader_open(reader, path, error) ? -1 : 0;
}

int source_look(const char *path, struct source_picture *picture, struct error *error)
{
    struct chunk_reader *reader;
    struct turner *turner = NULL;
    AVCodecParameters *parameters;
    int status;

    if (source_open(&reader, path, error))
        return -1;
    parameters = chunk_reader_video(reader)->codecpar;
    status = turner_open(&turner, turner_matrix(chunk_reader_video(reader)), error);
    if (!status)
        status = turner_kind(turner, &parameters->width, &parameters->height, &parameters->format, error);
    *picture = (struct source_picture){.width = parameters->width, .height = parameters->height};
    container_chroma(parameters, &picture->log2_chroma_w, &picture->log2_chroma_h);
    turner_close(&turner);
    chunk_reader_close(&reader);
    return status;
}

/* Adds the time of the next frame. */
static int add_time(struct source_times *times, const AVFrame *frame, size_t *room, struct error *error)
{
    if (times->count == *room) {
        size_t wanted = *room ? 2 * *room : 2048;
        int64_t *more = reallocarray(times->ticks, wanted, sizeof *more);

        if (!more)
            return error_set(error, ERROR_IO, "out of memory");
        times->ticks = more;
        *room = wanted;
    }
    times->ticks[times->count++] = frame->best_effort_timestamp;
    return 0;
}

int source_read_times(const char *path, struct job *job, size_t enough, struct source_times *times, struct error *error)
{
    struct chunk_reader *reader = NULL;
    struct frames *frames = NULL;
    AVFrame *frame = av_frame_alloc();
    size_t room = 0;
    int got = 1, status = -1;

    *times = (struct source_times){0};
    if (!frame) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (source_open(&reader, path, error) || frames_of_chunk(&frames, reader, job, error))
        goto end;
    times->time_base = chunk_reader_video(reader)->time_base;
    while (times->count < enough && (got = frames_next(frames, frame, error)) > 0) {
        int added = add_time(times, frame, &room, error);

        av_frame_unref(frame);
        if (added)
            goto end;
    }
    status = got < 0 ? -1 : 0;
end:
    if (status) {
        free(times->ticks);
        *times = (struct source_times){0};
    }
    av_frame_free(&frame);
    frames_close(&frames);
    chunk_reader_close(&reader);
    return status;
}

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

int source_watch_frame(struct source_watch *watch, const AVFrame *frame, struct error *error)
{
    AVFrame *part;
    double distance;

    if (watch->moved > watch->enough)
        return 0;
    part = cut(frame, &watch->box, error);
    if (!part)
        return -1;
    if (!watch->first) {
        watch->first = part;
        return 0;
    }
    distance = picture_distance(watch->first, part);
    watch->moved = fmax(watch->moved, distance < 0 ? 255 : distance);
    av_frame_free(&part);
    return 0;
}

void source_watch_end(struct source_watch *watch)
{
    av_frame_free(&watch->first);
}

int source_motion(const char *path, struct job *job, int64_t start, int64_t count, struct source_watch *watch,
                  struct error *error)
{
    struct chunk_reader *reader = NULL;
    struct frames *frames = NULL;
    AVFrame *frame = av_frame_alloc();
    int64_t number = 0;
    int got = 1, status = -1;

    if (!frame) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (source_open(&reader, path, error) || frames_of_chunk(&frames, reader, job, error))
        goto end;
    while (number < start + count && watch->moved <= watch->enough && (got = frames_next(frames, frame, error)) > 0) {
        int watched = number++ < start ? 0 : source_watch_frame(watch, frame, error);

        av_frame_unref(frame);
        if (watched)
            goto end;
    }
    if (got == 0)
        error_set(error, ERROR_OUT_OF_RANGE, "the source ends before the clip's last frame");
    else if (got > 0)
        status = 0;
end:
    av_frame_free(&frame);
    frames_close(&frames);
    chunk_reader_close(&reader);
    return status;
}
