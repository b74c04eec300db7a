#include "th-verify/decode.h"

#include <inttypes.h>
#include <stdlib.h>

#include "th-verify/frames.h"
#include "th-verify/picture.h"

enum {
    FRAMES_MAX = 1000000, /* a clip that goes on is not decoded further; the longest in the sets take a minute */
    STILL_FRAMES = 25     /* fewer must be alike to the last block */
};

/* Takes the frames of a clip. */
struct meter {
    struct decoded *decoded;
    const AVCodecParameters *parameters;
    AVFrame *first;
    size_t room; /* of decoded->ticks */
};

void decoded_free(struct decoded *decoded)
{
    free(decoded->ticks);
    *decoded = (struct decoded){0};
}

bool decoded_is_still(const struct decoded *decoded)
{
    return decoded->frames > 1 && decoded->moved <= (decoded->frames < STILL_FRAMES ? 0 : DECODE_SAME_PICTURE);
}

static void note_fault(void *self, const char *what, int result)
{
    struct decoded *decoded = ((struct meter *)self)->decoded;

    if (decoded->damaged++ == 0)
        error_set(&decoded->fault, ERROR_DECODE_ERROR, "%s, at frame %" PRId64 ": %s", what, decoded->frames,
                  av_err2str(result));
}

/* Compares the frame with the first one, as long as all have shown the same. */
static void compare_with_first(struct meter *meter, const AVFrame *frame)
{
    struct decoded *decoded = meter->decoded;
    double distance;

    if (decoded->moved > DECODE_SAME_PICTURE)
        return;
    distance = picture_distance(meter->first, frame);
    if (distance < 0)
        distance = 255; /* another size or format: all has changed */
    if (distance > decoded->moved)
        decoded->moved = distance;
    if (distance <= DECODE_SAME_PICTURE)
        decoded->front++;
}

static int add_time(struct meter *meter, const AVFrame *frame, struct error *error)
{
    struct decoded *decoded = meter->decoded;

    if ((size_t)decoded->frames == meter->room) {
        size_t wanted = meter->room ? 2 * meter->room : 1024;
        int64_t *more = reallocarray(decoded->ticks, wanted, sizeof *more);

        if (!more)
            return error_set(error, ERROR_IO, "out of memory");
        decoded->ticks = more;
        meter->room = wanted;
    }
    decoded->ticks[decoded->frames] = frame->pts == AV_NOPTS_VALUE ? frame->best_effort_timestamp : frame->pts;
    return 0;
}

static int take_frame(void *self, const AVFrame *frame, struct error *error)
{
    struct meter *meter = self;
    struct decoded *decoded = meter->decoded;

    if (decoded->resized < 0 &&
        (frame->width != meter->parameters->width || frame->height != meter->parameters->height))
        decoded->resized = decoded->frames;
    if (!meter->first) {
        meter->first = av_frame_clone(frame);
        if (!meter->first)
            return error_set(error, ERROR_IO, "out of memory");
    }
    compare_with_first(meter, frame);
    if (add_time(meter, frame, error))
        return -1;
    return ++decoded->frames == FRAMES_MAX;
}

int decode_run(AVFormatContext *format, int video, struct job *job, struct decoded *decoded, struct error *error)
{
    const AVStream *stream = format->streams[video];
    struct meter meter = {.decoded = decoded, .parameters = stream->codecpar};
    const struct frames_sink sink = {.self = &meter, .take = take_frame, .fault = note_fault, .is_strict = true};
    int status;

    *decoded = (struct decoded){.time_base = stream->time_base, .resized = -1};
    status = frames_decode(format, video, job, &sink, error);
    av_frame_free(&meter.first);
    if (status)
        decoded_free(decoded);
    return status;
}
