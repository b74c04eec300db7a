/* The size and the number of frames that a clip should have, from the most reliable source at hand. */
#ifndef TH_VERIFY_EXPECTED_SIZE_H
#define TH_VERIFY_EXPECTED_SIZE_H

#include <stdbool.h>

#include "common/tube.h"
#include "th-verify/clip.h"

enum size_origin {
    SIZE_FROM_BOX,    /* the record has the pixels that were taken */
    SIZE_FROM_SOURCE, /* the tube's box in the picture of the chunk */
    SIZE_FROM_RATIO,  /* only the shape of the tube's box is known */
    SIZE_FROM_SCALE,  /* the record has the size to which the box was scaled */
    SIZE_ORIGIN_COUNT
};

struct expected_size {
    enum size_origin origin;
    struct box box;    /* pixels of the source; for SIZE_FROM_RATIO as listed */
    int width, height; /* for SIZE_FROM_SCALE */
    bool is_placed;    /* box is the pixels of the source that were taken */
    int64_t frames;    /* 0: as many as its tube has, -1: not known */
    bool has_sound;    /* the record says that the clip has sound */
};

/* "box", "source", "ratio", "scale". */
const char *expected_size_origin_name(enum size_origin origin);

/* Sets *size. Opens the clip's source when its box is not known. */
void expected_size_find(const struct clip *clip, struct expected_size *size);

/* True when a picture of width x height, whose chroma planes are subsampled by 1 << log2_chroma_w and
 * 1 << log2_chroma_h, may be the tube's box in a picture of any size whose shape is W:H within 1%. Both edges were
 * rounded down to pixels, and the size to the chroma grid. Pure. */
bool expected_size_ratio_fits(const struct tube *tube, int width, int height, int log2_chroma_w, int log2_chroma_h);

#endif
