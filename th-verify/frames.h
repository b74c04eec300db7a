/* Decodes a video stream and hands out its frames one by one. */
#ifndef TH_VERIFY_FRAMES_H
#define TH_VERIFY_FRAMES_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/jobs.h"

/* What becomes of the frames of a stream. */
struct frames_sink {
    void *self;
    /* Takes the next frame, borrowed. 0; 1: that is enough; -1 and error. */
    int (*take)(void *self, const AVFrame *frame, struct error *error);
    /* Told of each fault of the stream; decoding goes on if it can. what is a sentence without its end, result the
     * AVERROR. May be NULL. */
    void (*fault)(void *self, const char *what, int result);
    bool is_strict; /* frames are not mended: what is damaged is a fault */
};

/* Decodes the stream at index video from where format stands to the end, or until take has enough. 0, or -1 and error
 * when the work cannot be done: io (memory, reading), and what take said. */
int frames_decode(AVFormatContext *format, int video, struct job *job, const struct frames_sink *sink,
                  struct error *error);

#endif
