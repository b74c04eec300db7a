#include "th-verify/measure/source.h"

#include <math.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/av/rotate.h"
#include "th-verify/measure/container.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/picture.h"

int source_read_picture(const char *path, struct source_picture *picture, struct error *error)
{
    struct chunk_reader *reader;
    struct rotate *rotate = NULL;
    AVCodecParameters *parameters;
    int status;

    if (container_open_chunk(&reader, path, error))
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

bool source_times_rise(const struct source_times *times)
{
    for (size_t i = 0; i < times->count; i++)
        if (times->ticks[i] == AV_NOPTS_VALUE || (i && times->ticks[i] <= times->ticks[i - 1]))
            return false;
    return true;
}

int source_read_times(const char *path, struct job *job, size_t enough, struct source_times *times, struct error *error)
{
    struct frame_reader *frames;
    size_t room = 0;
    AVFrame *frame;
    int got;

    *times = (struct source_times){0};
    if (frame_reader_open_chunk(&frames, path, job, error))
        return -1;
    times->time_base = frame_reader_time_base(frames);
    do {
        int64_t *ticks = array_make_room(times->ticks, times->count, &room, sizeof *ticks);

        if (!ticks) {
            got = error_set(error, ERROR_IO, "out of memory");
            break;
        }
        times->ticks = ticks;
        got = frame_reader_next(frames, &frame, error);
        if (got > 0)
            times->ticks[times->count++] = frame->best_effort_timestamp;
    } while (got > 0 && times->count < enough);
    frame_reader_close(&frames);
    if (got >= 0)
        return 0;
    free(times->ticks);
    *times = (struct source_times){0};
    return -1;
}

/* A new reference to frame that shows the box only; NULL and error when it is not inside, or memory runs out. */
static AVFrame *crop_to_box(const AVFrame *frame, const struct box *box, struct error *error)
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

int source_motion_add(struct source_motion *motion, const AVFrame *frame, struct error *error)
{
    AVFrame *part;
    double distance;

    if (motion->moved > SOURCE_MOTION_SEEN)
        return 0;
    if (frame_reader_is_absent(frame))
        return error_set(error, ERROR_NOT_FETCHED, "a part of the source was not downloaded");
    part = crop_to_box(frame, &motion->box, error);
    if (!part)
        return -1;
    if (!motion->first) {
        motion->first = part;
        return 0;
    }
    distance = picture_distance(motion->first, part);
    motion->moved = fmax(motion->moved, distance < 0 ? 255 : distance);
    av_frame_free(&part);
    return 0;
}

void source_motion_clear(struct source_motion *motion)
{
    av_frame_free(&motion->first);
}

int source_motion_measure(const char *path, struct job *job, int64_t start, int64_t count, struct source_motion *motion,
                          struct error *error)
{
    struct frame_reader *frames;
    AVFrame *frame;
    int got = 1;

    if (frame_reader_open_chunk(&frames, path, job, error))
        return -1;
    for (int64_t number = 0; got > 0 && number < start + count && motion->moved <= SOURCE_MOTION_SEEN; number++) {
        got = frame_reader_next(frames, &frame, error);
        if (got > 0 && number >= start && source_motion_add(motion, frame, error))
            got = -1;
    }
    frame_reader_close(&frames);
    if (got == 0)
        error_set(error, ERROR_OUT_OF_RANGE, "the source ends before the clip's last frame");
    return got > 0 ? 0 : -1;
}
