/* The chunk that a clip was made from. */
#ifndef TH_VERIFY_MEASURE_SOURCE_H
#define TH_VERIFY_MEASURE_SOURCE_H

#include <libavutil/frame.h>
#include <libavutil/rational.h>
#include <stddef.h>
#include <stdint.h>

#include "common/box.h"
#include "common/cut/chunk_reader.h"
#include "common/error.h"
#include "common/stage/jobs.h"

/* The picture of a video file. */
struct source_picture {
    int width, height;                /* pixels */
    int log2_chroma_w, log2_chroma_h; /* of its pixel format */
};

/* The times of its frames in the order in which they are shown, in ticks of time_base. */
struct source_times {
    int64_t *ticks; /* free() */
    size_t count;
    AVRational time_base;
};

/* Opens the chunk. 0 and *reader (chunk_reader_close), or -1 and error. */
int source_open(struct chunk_reader **reader, const char *path, struct error *error);

/* Reads the header of the file path: the picture as it is to be shown, turned if its container says so. 0, or -1 and
 * error. */
int source_read_picture(const char *path, struct source_picture *picture, struct error *error);

/* Decodes the chunk up to `enough` frames. (Its packets would not do: what stands before the first key frame has times,
 * but gives no frames.) 0, or -1 and error. */
int source_read_times(const char *path, struct job *job, size_t enough, struct source_times *times,
                      struct error *error);

/* When a block of the source has moved that far (picture_distance), a fair encoder shows it. Slow gradients at crf 35
 * stand still beside 6; a blink is tens. At least three times DECODE_SAME_PICTURE. */
#define SOURCE_MOTION_SEEN 10

/* How much a box of a chunk moves. Begins with box and enough set, the rest zeroed. */
struct source_motion {
    struct box box;
    double enough;  /* not measured further once moved exceeds it */
    double moved;   /* the largest picture_distance of a frame to the first */
    AVFrame *first; /* cut to the box; source_motion_clear */
};

/* Takes the next frame. 0, or -1 and error (outside_picture, io). */
int source_motion_add(struct source_motion *watch, const AVFrame *frame, struct error *error);

/* Frees what watch owns; `moved` stays. */
void source_motion_clear(struct source_motion *watch);

/* Decodes the chunk and watches the frames start to start + count - 1. 0, or -1 and error (out_of_range when there are
 * not as many frames). */
int source_motion_measure(const char *path, struct job *job, int64_t start, int64_t count, struct source_motion *watch,
                          struct error *error);

#endif
