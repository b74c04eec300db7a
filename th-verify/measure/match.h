/* Decides whether a clip shows its box of the chunk or a neighbour in time or space, from sums over its frames. The
 * tolerances are constants in match.c. Pure. */
#ifndef TH_VERIFY_MEASURE_MATCH_H
#define TH_VERIFY_MEASURE_MATCH_H

#include <stdbool.h>
#include <stdint.h>

/* What a frame of the clip may show instead of what it should: the frame before or after, or the box moved by one step
 * of the chroma grid, two pixels at least. */
enum match_way {
    MATCH_BEFORE,
    MATCH_AFTER,
    MATCH_LEFT,
    MATCH_RIGHT,
    MATCH_ABOVE,
    MATCH_BELOW,
    MATCH_WAYS,
    MATCH_HERE = MATCH_WAYS
};

/* The picture is divided into a grid of cells, so that their estimates can be compared with each other. */
enum { MATCH_GRID = 6, MATCH_CELLS = MATCH_GRID * MATCH_GRID };

/* Sums of squared differences in detail (picture_detail_difference) in each cell: of the clip's frame to the right
 * picture (here) and to the neighbour (there), and of those two to each other (apart). Cells outside the picture are 0.
 */
struct match_sums {
    double here[MATCH_CELLS], there[MATCH_CELLS], apart[MATCH_CELLS];
    double samples; /* compared in all cells */
};

/* One frame of the clip, measured. A neighbour that the chunk does not have has no samples. */
struct match_frame {
    struct match_sums ways[MATCH_WAYS];
    double here;    /* sum of the squared differences to the right picture */
    double samples; /* compared for it */
    double blocks;  /* picture_block_difference to the right picture */
    double colours; /* picture_colour_difference to the right picture; -1: they cannot be compared */
    bool is_key;    /* intra coded */
};

/* The frames so far. Begins zeroed. */
struct match {
    int64_t frames;
    double here, samples;                                /* sums */
    double worst_blocks, worst_colours;                  /* means of blocks and colours in the worst window of each */
    int64_t coloured;                                    /* frames that have colours */
    struct match_sums keys[MATCH_WAYS], all[MATCH_WAYS]; /* of the key frames, and of all */
    struct window {
        int64_t frames;
        double blocks, colours;
        struct match_sums ways[MATCH_WAYS];
    } window, last;      /* the one that is being filled, and the full one before it */
    enum match_way fits; /* the neighbour that fits best in any window, when gain is not 0 */
    double gain;         /* the part of the difference that it explains */
};

struct match_verdict {
    enum match_way way; /* what the clip shows; MATCH_HERE when nothing shows otherwise */
    bool by_keys;       /* way follows from the key frames */
    double psnr;        /* of the clip's luma against the chunk's, dB; at most 99 */
    double blocks;      /* root of the mean square difference of blocks in the worst window, levels of 0..255 */
    double colours;     /* the same of the chroma; -1: there is none */
    bool is_suspicious; /* way is not MATCH_HERE, or blocks is more than a good encoder causes: worth a search */
    bool is_other;      /* blocks is more than an encoder causes: these are other pictures */
    bool is_recoloured; /* colours is more than an encoder causes */
};

/* Adds a frame of the clip. */
void match_add(struct match *match, const struct match_frame *frame);

/* Judges all frames that were added. */
struct match_verdict match_judge(const struct match *match);

#endif
