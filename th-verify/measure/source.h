/* What the chunk that a clip was made from says of it: its picture, its frame times, and whether a box of it moves. */
#ifndef TH_VERIFY_MEASURE_SOURCE_H
#define TH_VERIFY_MEASURE_SOURCE_H

#include <libavutil/frame.h>
#include <libavutil/rational.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/jobs.h"
#include "common/tube.h"

/* The picture of a video file. */
struct source_picture {
    int width, height;                /* pixels */
    int log2_chroma_w, log2_chroma_h; /* of its pixel format */
};

/* The times of its frames in display order, in ticks of time_base. */
struct source_times {
    int64_t *ticks; /* free() */
    size_t count;
    AVRational time_base;
};

/* Reads the header of the file path: the picture as players show it, rotated if its container says so. 0, or -1 and
 * error. */
int source_read_picture(const char *path, struct source_picture *picture, struct error *error);

/* Decodes the chunk until it has the times of `enough` frames, or of all. (Packet times would not do: packets before
 * the first key frame have times but give no frames.) 0, or -1 and error. */
int source_read_times(const char *path, struct job *job, size_t enough, struct source_times *times,
                      struct error *error);

/* Whether all times are known, and each is after the one before. */
bool source_times_rise(const struct source_times *times);

/* The picture_distance above which a good encoder shows the motion. Slow gradients at crf 35 stand still beside 6; a
 * blink is tens. At least three times DECODED_SAME_PICTURE. */
#define SOURCE_MOTION_SEEN 10

/* How much a box of a chunk moves. Begins with box set, the rest zeroed. */
struct source_motion {
    struct box box;
    double moved;   /* the largest picture_distance of a frame to the first; final once it exceeds SOURCE_MOTION_SEEN */
    AVFrame *first; /* cut to the box; owned */
};

/* Takes the next frame. 0, or -1 and error (outside_picture, io, not_fetched). */
int source_motion_add(struct source_motion *motion, const AVFrame *frame, struct error *error);

/* Frees what motion owns; `moved` stays. */
void source_motion_clear(struct source_motion *motion);

/* Decodes the chunk and takes its frames from `start` on, `count` of them. 0, or -1 and error (out_of_range when there
 * are fewer). */
int source_motion_measure(const char *path, struct job *job, int64_t start, int64_t count, struct source_motion *motion,
                          struct error *error);

#endif
