/* What the decoded frames of a clip show: their number and times, faults, and whether the picture moves. */
#ifndef TH_VERIFY_MEASURE_DECODED_H
#define TH_VERIFY_MEASURE_DECODED_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/* Two pictures whose picture_distance is at most this may be one picture, encoded twice. */
#define DECODED_SAME_PICTURE 2.5

struct decoded {
    int64_t frames;     /* pictures that the decoder gave */
    int64_t most;       /* frames after which decoding stops */
    int64_t damaged;    /* faults */
    struct error fault; /* the first fault; word is ERROR_NONE when there was none */
    int64_t *ticks;     /* the time of each frame, AV_NOPTS_VALUE for none, in time_base; owned */
    size_t room;        /* of ticks */
    AVRational time_base;
    int width, height; /* pixels, as the container says */
    int64_t resized;   /* the first frame of another size, -1: none */
    AVFrame *first;    /* owned */
    int64_t front;     /* frames at the beginning that show the first picture, itself included */
    double moved;      /* the largest distance of a frame to the first; final once it exceeds
                        * DECODED_SAME_PICTURE */
};

/* Begins with the frames of stream, of which there should be `wanted` (0 or less: not known). */
void decoded_begin(struct decoded *decoded, const AVStream *stream, int64_t wanted);

/* Takes the next frame. 1, 0 when the clip has too many frames to go on, or -1 and error (io: memory). */
int decoded_add(struct decoded *decoded, const AVFrame *frame, struct error *error);

/* Notes a fault of the clip, in the form of frame_reader_faults; self is the struct decoded. */
void decoded_note_fault(void *self, const char *what, int result);

/* True when all frames may show one picture: there are two or more, and each is within DECODED_SAME_PICTURE of the
 * first. With fewer than 25 frames all must be equal to it, since people sit still that long. Pure. */
bool decoded_is_still(const struct decoded *decoded);

/* Frees what decoded owns and makes it empty. */
void decoded_free(struct decoded *decoded);

/* Times and steps are in ticks of the stream's time base; step k is from frame k to frame k + 1. */
struct decoded_times {
    int64_t first;
    int64_t median, longest; /* steps; 0 when there is none */
    size_t backward;         /* the first frame that has no time or is not later than the one before it; 0: none */
    size_t gaps;             /* steps that are too long */
    size_t first_gap;        /* the first such step, when there are gaps */
    bool is_variable;        /* the frame rate varies: a long step is no gap, and gaps is 0 */
};

/* Measures the times of count frames in display order (AV_NOPTS_VALUE: none).
 *
 * A step is odd when it is more than a quarter of the median step away from it. When two steps or more, and more than
 * one in 20, are odd, the clip has a variable frame rate. Otherwise a step longer than 1.5 times the median is a gap.
 * With fewer than 8 steps nothing is a gap. 0, or -1 when memory runs out. */
int decoded_measure_times(const int64_t *ticks, size_t count, struct decoded_times *times);

/* True when the source has each gap of the clip, too. source holds the times of the frames that the clip was made from,
 * also count. Steps are the same when they differ by at most two milliseconds or two ticks of the coarser time base. */
bool decoded_gaps_agree(const int64_t *ticks, AVRational time_base, const int64_t *source, AVRational source_time_base,
                        size_t count, const struct decoded_times *times);

#endif
