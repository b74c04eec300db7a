#include "th-verify/measure/source.h"

#include <libavcodec/packet.h>
#include <math.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/av/rotate.h"
#include "common/cut/chunk_range.h"
#include "th-verify/measure/container.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/picture.h"

int source_open(struct chunk_reader **reader, const char *path, struct error *error)
{
    int64_t bytes;

    *reader = NULL;
    return container_find(chunk_range_path(path), &bytes, error) || chunk_reader_open(reader, path, error) ? -1 : 0;
}

int source_read_picture(const char *path, struct source_picture *picture, struct error *error)
{
    struct chunk_reader *reader;
    struct rotate *rotate = NULL;
    AVCodecParameters *parameters;
    int status;

    if (source_open(&reader, path, error))
        return -1;
    parameters = chunk_reader_video(reader)->codecpar;
    status = rotate_open(&rotate, rotate_matrix(chunk_reader_video(reader)), error);
    if (!status)
        status = rotate_kind(rotate, &parameters->width, &parameters->height, &parameters->format, error);
    *picture = (struct source_picture){.width = parameters->width, .height = parameters->height};
    container_chroma(parameters, &picture->log2_chroma_w, &picture->log2_chroma_h);
    rotate_close(&rotate);
    chunk_reader_close(&reader);
    return status;
}

/* What is done with the frames of a chunk. */
struct walk {
    /* 0 to go on, 1 when no more are needed, or -1 and error. */
    int (*take)(struct walk *walk, const AVFrame *frame, struct error *error);
    void *self;
    AVRational time_base; /* of the frames */
};

/* Decodes the chunk frame by frame. 1 when walk needed no more, 0 when it got all that there are, or -1 and error. */
static int walk_frames(const char *path, struct job *job, struct walk *walk, struct error *error)
{
    struct chunk_reader *reader = NULL;
    struct frame_reader *frames = NULL;
    AVFrame *frame = av_frame_alloc();
    int got, status = -1;

    if (!frame) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (source_open(&reader, path, error) || frame_reader_open_chunk(&frames, reader, job, error))
        goto end;
    walk->time_base = chunk_reader_video(reader)->time_base;
    do {
        got = frame_reader_next(frames, frame, error);
        status = got > 0 ? walk->take(walk, frame, error) : got;
        av_frame_unref(frame);
    } while (got > 0 && !status);
end:
    av_frame_free(&frame);
    frame_reader_close(&frames);
    chunk_reader_close(&reader);
    return status;
}

/* Times that are being read. */
struct time_list {
    struct source_times *times;
    size_t room, enough;
};

static int take_time(struct walk *walk, const AVFrame *frame, struct error *error)
{
    struct time_list *list = walk->self;
    struct source_times *times = list->times;
    int64_t *ticks = array_make_room(times->ticks, times->count, &list->room, sizeof *ticks);

    if (!ticks)
        return error_set(error, ERROR_IO, "out of memory");
    times->ticks = ticks;
    times->ticks[times->count++] = frame->best_effort_timestamp;
    return times->count >= list->enough;
}

int source_read_times(const char *path, struct job *job, size_t enough, struct source_times *times, struct error *error)
{
    struct time_list list = {.times = times, .enough = enough};
    struct walk walk = {.take = take_time, .self = &list};

    *times = (struct source_times){0};
    if (walk_frames(path, job, &walk, error) < 0) {
        free(times->ticks);
        *times = (struct source_times){0};
        return -1;
    }
    times->time_base = walk.time_base;
    return 0;
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

int source_motion_add(struct source_motion *watch, const AVFrame *frame, struct error *error)
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

void source_motion_clear(struct source_motion *watch)
{
    av_frame_free(&watch->first);
}

/* The frames start to end - 1 that a watch is given. */
struct watched_range {
    struct source_motion *watch;
    int64_t number, start, end; /* number: of the next frame */
};

static int watch_in_range(struct walk *walk, const AVFrame *frame, struct error *error)
{
    struct watched_range *range = walk->self;
    struct source_motion *watch = range->watch;

    if (range->number++ >= range->start && source_motion_add(watch, frame, error))
        return -1;
    return range->number >= range->end || watch->moved > watch->enough;
}

int source_motion_measure(const char *path, struct job *job, int64_t start, int64_t count, struct source_motion *watch,
                          struct error *error)
{
    struct watched_range range = {.watch = watch, .start = start, .end = start + count};
    int status = walk_frames(path, job, &(struct walk){.take = watch_in_range, .self = &range}, error);

    if (status == 0)
        return error_set(error, ERROR_OUT_OF_RANGE, "the source ends before the clip's last frame");
    return status < 0 ? -1 : 0;
}
