/* What the frames of a clip show once they are decoded. */
#ifndef TH_VERIFY_DECODE_H
#define TH_VERIFY_DECODE_H

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/jobs.h"

/* Pictures that are no farther apart than this (picture_distance) may be the same, encoded twice. */
#define DECODE_SAME_PICTURE 2.5

struct decoded {
    int64_t frames;     /* pictures that the decoder gave */
    int64_t damaged;    /* faults met */
    struct error fault; /* the first of them; word is ERROR_NONE when there was none */
    int64_t *ticks;     /* the time of each frame, AV_NOPTS_VALUE for none, in time_base; owned */
    AVRational time_base;
    int64_t resized; /* the first frame of another size than the container says, -1: none */
    int64_t front;   /* frames at the beginning that show the first picture, itself included */
    double moved;    /* the largest distance of a frame to the first; not measured further once it exceeds
                      * DECODE_SAME_PICTURE */
};

/* Decodes the stream at index video from where format stands to the end. Faults of the clip are noted in decoded. 0
 * and *decoded (decoded_free), or -1 and error when the work cannot be done: io (memory, reading). */
int decode_run(AVFormatContext *format, int video, struct job *job, struct decoded *decoded, struct error *error);

/* True when all frames may show one picture: there are two or more, and none is farther than DECODE_SAME_PICTURE from
 * the first; with fewer than 25 frames, since people sit still that long, none moves at all. Pure. */
bool decoded_is_still(const struct decoded *decoded);

/* Frees what decoded owns and makes it empty. */
void decoded_free(struct decoded *decoded);

#endif
