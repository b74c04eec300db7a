/* The chunk that a clip was made from, as far as its container tells. */
#ifndef TH_VERIFY_SOURCE_H
#define TH_VERIFY_SOURCE_H

#include <libavutil/rational.h>
#include <stddef.h>
#include <stdint.h>

#include "common/box.h"
#include "common/error.h"
#include "common/jobs.h"

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

/* Reads the header of the file path. 0, or -1 and error. */
int source_look(const char *path, struct source_picture *picture, struct error *error);

/* Reads the packets of the file path. 0, or -1 and error. */
int source_read_times(const char *path, struct job *job, struct source_times *times, struct error *error);

/* Decodes the file path and sets *moved to the largest picture_distance of the frames start to start + count - 1 to the
 * first of them, all cut to box; not measured further once it exceeds enough. 0, or -1 and error (out_of_range when
 * there are not as many frames). */
int source_motion(const char *path, struct job *job, int64_t start, int64_t count, const struct box *box, double enough,
                  double *moved, struct error *error);

#endif
