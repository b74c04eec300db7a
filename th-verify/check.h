/* The checks of a clip: each looks at one thing of what was measured and gives a verdict. Pure. */
#ifndef TH_VERIFY_CHECK_H
#define TH_VERIFY_CHECK_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "th-verify/expected_size.h"
#include "th-verify/measure/container.h"
#include "th-verify/measure/decode.h"
#include "th-verify/measure/displacement.h"
#include "th-verify/measure/match.h"
#include "th-verify/measure/times.h"

/* How deep a clip is looked into; each level holds those before it. */
enum level { LEVEL_CONTAINER, LEVEL_DECODE, LEVEL_SOURCE, LEVEL_COUNT };

/* "container", "decode", "source"; ends with NULL. */
extern const char *const check_level_names[LEVEL_COUNT + 1];

/* What the source of a clip that hardly moves says of that. A drawing stands still by right, and by itself it looks
 * just like a frozen clip. */
enum stillness { STILLNESS_UNKNOWN, SOURCE_STILL, SOURCE_MOVING };

/* All that was measured of a clip, and what it should be. */
struct evidence {
    struct tube tube;
    struct error fault; /* why the clip cannot be opened; nothing else is set then */
    struct container container;
    struct expected_size size; /* as far as there is a video stream */
    bool is_decoded;           /* the rest is set */
    struct decoded decoded;
    struct times times;
    bool gaps_in_source; /* the source was asked, and has the same gaps */
    enum stillness stillness;
    /* Of the level source: */
    bool is_compared;           /* with all frames of the chunk that it should show */
    const char *uncompared;     /* why it could not be held against its chunk; NULL: no reason */
    int64_t chunk_frames;       /* of a chunk that ends before the clip's last frame; 0 otherwise */
    int64_t compared;           /* frames */
    bool is_chunk_damaged;      /* the chunk has a fault at the last of these or before it (frame_reader_is_damaged) */
    double chunk_lasts;         /* seconds from the first of these to the last in the chunk; 0: not known */
    struct match_verdict match; /* when is_compared */
    struct displacement place;  /* where it belongs, when that was looked for */
};

/* Runs the checks of all that was measured. *checks is a new object, {"LEVEL": {"CHECK": {"ok": true, ...}, ...}, ...},
 * where ok is true, false, or null when it cannot be told; failure is what the most telling of the failed checks says
 * (word ERROR_NONE: all passed). 0, or -1 when memory runs out. */
int check_all(const struct evidence *evidence, json_t **checks, struct error *failure);

#endif
