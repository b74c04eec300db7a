/* Compares the frames of clips with those of their chunk, which is decoded once for all of them. */
#ifndef TH_VERIFY_MEASURE_COMPARE_H
#define TH_VERIFY_MEASURE_COMPARE_H

#include "common/stage/jobs.h"
#include "th-verify/check.h"
#include "th-verify/clip.h"
#include "th-verify/measure/displacement.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/picture.h"
#include "th-verify/measure/source.h"
#include "th-verify/measure/unscaler.h"

enum { COMPARE_BEFORE, COMPARE_HERE, COMPARE_AFTER, COMPARE_VIEWS };

/* Three successive frames of a chunk; clips are compared with the one HERE. Begins zeroed. */
struct compare_window {
    struct frame_reader *chunk;
    int64_t number; /* of the frame HERE, from 0; after the last one, how many there are */
    struct compare_view {
        AVFrame *frame;
        struct picture_plane luma;
        struct picture_colours colour;
        bool is_set;     /* there is such a frame, and its samples can be compared */
        bool is_damaged; /* frame_reader_is_damaged, at this frame */
    } views[COMPARE_VIEWS];
    int64_t time;       /* of the last frame decoded */
    bool has_odd_times; /* of the frames decoded so far one has no time, or one that is not later than the one before */
    struct picture_plane clip; /* of the clip's frame that is being compared */
    struct picture_colours clip_colour;
};

/* Opens the chunk at path. 0, or -1 and error; compare_window_close in both cases. */
int compare_window_open(struct compare_window *window, const char *path, struct job *job, struct error *error);

/* Moves HERE to the next frame of the chunk, at first to frame 0. 1, 0 when there is none, or -1 and error when the
 * chunk cannot be decoded further. */
int compare_window_advance(struct compare_window *window, struct error *error);

/* Frees what window owns. */
void compare_window_close(struct compare_window *window);

/* One clip's comparison. Begins zeroed. */
struct comparison {
    struct box box;            /* the pixels of the chunk that the clip's pictures show */
    struct unscaler *unscaler; /* of a clip of another size than its box; NULL before the first frame */
    int64_t first, last;       /* times of the chunk's frames that were compared, in its time base; last is
                                * AV_NOPTS_VALUE when one has no time, or one that is not later than the one before */
    struct match match;
    struct displacement_samples samples;
    struct source_motion motion; /* of the box in the chunk */
};

/* Compares the clip's frame, which was the last one added to evidence->decoded, with the frame HERE. Sets the members
 * of evidence for the level source; evidence->uncompared says why when frames cannot be compared. 0, or -1 and error.
 */
int compare_frame(struct compare_window *window, struct comparison *comparison, const struct clip *clip,
                  const AVFrame *frame, struct evidence *evidence, struct error *error);

/* Judges a clip of which evidence->is_compared, and finds out where it belongs when it does not match: decodes the
 * chunk once more. */
void compare_judge(const struct comparison *comparison, const struct clip *clip, struct job *job,
                   struct evidence *evidence);

/* Frees what comparison owns. */
void compare_clear(struct comparison *comparison);

#endif
