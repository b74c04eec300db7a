#include "th-verify/measure/decode.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/array.h"
#include "th-verify/measure/picture.h"

enum {
    FRAMES_MAX = 1000000, /* where decoding stops; the longest clips in the sets take a minute */
    STILL_FRAMES = 25     /* with fewer, all blocks must be equal */
};

void decoded_free(struct decoded *decoded)
{
    av_frame_free(&decoded->first);
    free(decoded->ticks);
    *decoded = (struct decoded){0};
}

bool decoded_is_still(const struct decoded *decoded)
{
    return decoded->frames > 1 && decoded->moved <= (decoded->frames < STILL_FRAMES ? 0 : DECODED_SAME_PICTURE);
}

void decoded_note_fault(void *self, const char *what, int result)
{
    struct decoded *decoded = self;

    if (decoded->damaged++ == 0)
        error_set(&decoded->fault, ERROR_DECODE_ERROR, "%s, at frame %" PRId64 ": %s", what, decoded->frames,
                  av_err2str(result));
}

/* Compares the frame with the first one, until one differs. */
static void compare_with_first(struct decoded *decoded, const AVFrame *frame)
{
    double distance;

    if (decoded->moved > DECODED_SAME_PICTURE)
        return;
    distance = picture_distance(decoded->first, frame);
    if (distance < 0)
        distance = 255; /* another size or format */
    if (distance > decoded->moved)
        decoded->moved = distance;
    if (distance <= DECODED_SAME_PICTURE)
        decoded->front++;
}

static int add_time(struct decoded *decoded, const AVFrame *frame, struct error *error)
{
    int64_t *ticks = array_make_room(decoded->ticks, (size_t)decoded->frames, &decoded->room, sizeof *ticks);

    if (!ticks)
        return error_set(error, ERROR_IO, "out of memory");
    decoded->ticks = ticks;
    decoded->ticks[decoded->frames] = frame->pts == AV_NOPTS_VALUE ? frame->best_effort_timestamp : frame->pts;
    return 0;
}

void decoded_begin(struct decoded *decoded, const AVStream *stream)
{
    *decoded = (struct decoded){.time_base = stream->time_base,
                                .width = stream->codecpar->width,
                                .height = stream->codecpar->height,
                                .resized = -1};
}

int decoded_add(struct decoded *decoded, const AVFrame *frame, struct error *error)
{
    if (decoded->resized < 0 && (frame->width != decoded->width || frame->height != decoded->height))
        decoded->resized = decoded->frames;
    if (!decoded->first) {
        decoded->first = av_frame_clone(frame);
        if (!decoded->first)
            return error_set(error, ERROR_IO, "out of memory");
    }
    compare_with_first(decoded, frame);
    if (add_time(decoded, frame, error))
        return -1;
    return ++decoded->frames < FRAMES_MAX;
}
