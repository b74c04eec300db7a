/* Finds out where a clip belongs that does not match its chunk: the frames and the place that fit its pictures best. */
#ifndef TH_VERIFY_MEASURE_DISPLACEMENT_H
#define TH_VERIFY_MEASURE_DISPLACEMENT_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stage/jobs.h"
#include "common/tube.h"

enum { DISPLACEMENT_SAMPLES = 5 };

/* Some frames of a clip, spread over its length. Begins zeroed. */
struct displacement_samples {
    struct displacement_sample {
        AVFrame *frame; /* owned */
        int64_t number; /* in the clip */
        bool is_key;
    } at[DISPLACEMENT_SAMPLES];
    int count;
};

/* Where a clip belongs. */
struct displacement {
    bool is_found;
    int64_t late;     /* frames: its frame i is the chunk's frame S + i + late */
    int right, below; /* pixels from its box. Only late, or only these, differ from 0 */
};

/* Keeps frame `number` of a clip of `count` frames if it is one of the samples. 0, or -1 when memory runs out. */
int displacement_keep(struct displacement_samples *samples, const AVFrame *frame, int64_t number, int64_t count);

/* Frees the samples. */
void displacement_forget(struct displacement_samples *samples);

/* What to search for. */
struct displacement_search {
    const char *source; /* address of the chunk */
    int64_t start;      /* the frame of the chunk that should be the first of the clip */
    struct box box;
    int step_x, step_y; /* pixels: of the chroma grid */
    bool keys_only;     /* use key frames only: the other samples may show old pictures */
    bool is_sure;       /* the clip is displaced; when false, a displacement must fit twice as well */
};

/* Decodes the chunk and sets *found. Searches 250 frames before and after, and 32 pixels each way. 0, or -1 and error.
 */
int displacement_find(const struct displacement_search *search, const struct displacement_samples *samples,
                      struct job *job, struct displacement *found, struct error *error);

#endif
