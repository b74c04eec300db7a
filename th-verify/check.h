/* The checks of a clip. Each takes one part of what was measured and gives a verdict. Pure. */
#ifndef TH_VERIFY_CHECK_H
#define TH_VERIFY_CHECK_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "th-verify/clip.h"
#include "th-verify/measure/container.h"
#include "th-verify/measure/decoded.h"
#include "th-verify/measure/displacement.h"
#include "th-verify/measure/match.h"

/* How much of a clip is checked; each level includes those before it. */
enum level { LEVEL_CONTAINER, LEVEL_DECODE, LEVEL_SOURCE, LEVEL_COUNT };

/* "container", "decode", "source"; ends with NULL. */
extern const char *const check_level_names[LEVEL_COUNT + 1];

/* Whether the source moves where a clip hardly moves. Only the source tells a still drawing from a frozen clip. */
enum stillness { STILLNESS_UNKNOWN, SOURCE_STILL, SOURCE_MOVING };

/* All that was measured of a clip, and what it should be. */
struct evidence {
    struct tube tube;
    struct error fault; /* why the clip cannot be opened; nothing else is set then */
    struct container container;
    struct clip_size size; /* set when there is a video stream */
    bool is_decoded;       /* what follows is set */
    struct decoded decoded;
    struct decoded_times times;
    bool gaps_in_source; /* the source was read, and has the same gaps */
    enum stillness stillness;
    /* Of the level source: */
    bool is_compared;           /* every frame with the chunk's frame that it should show */
    const char *uncompared;     /* why it could not be compared with its chunk; NULL: no reason */
    int64_t chunk_frames;       /* number of frames of a chunk that ends before the clip's last one; 0 otherwise */
    int64_t compared;           /* frames */
    bool is_chunk_damaged;      /* the chunk has a fault at or before the last of these (frame_reader_is_damaged) */
    double chunk_lasts;         /* seconds from the first of these to the last in the chunk; 0: not known */
    struct match_verdict match; /* when is_compared */
    struct displacement place;  /* where it belongs, when that was searched for */
};

/* The number of frames that the clip should have by evidence->size and its tube, -1 when it is not known. */
int64_t check_wanted_frames(const struct evidence *evidence);

/* Runs the checks for which evidence suffices. *checks is a new object, {"LEVEL": {"CHECK": {"ok": true, ...}, ...},
 * ...}, where ok is true, false, or null when unknown; failure is the error of the most telling failed check (word
 * ERROR_NONE: all passed). 0, or -1 when memory runs out. */
int check_all(const struct evidence *evidence, json_t **checks, struct error *failure);

#endif
