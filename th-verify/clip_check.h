/* One clip while it is looked at: opened, decoded frame by frame, judged. */
#ifndef TH_VERIFY_CLIP_CHECK_H
#define TH_VERIFY_CLIP_CHECK_H

#include "common/stage/jobs.h"
#include "th-verify/check.h"
#include "th-verify/clip.h"
#include "th-verify/measure/displacement.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/score.h"
#include "th-verify/measure/source.h"
#include "th-verify/measure/unscaler.h"

/* Begins zeroed but for clip, job, level and reference. */
struct clip_check {
    const struct clip *clip;
    struct job *job;
    enum level level;
    const char *reference; /* the folder of the reconstructions; NULL: there are none */
    struct evidence evidence;
    struct error error; /* what hinders the work itself; word is ERROR_NONE when nothing does */
    AVFormatContext *format;
    struct frame_reader *frames; /* NULL when there is nothing to decode */
    AVFrame *frame;              /* the last one that clip_check_next gave */
    /* Held against the chunk, at the level source. */
    struct box box;                  /* the pixels of the chunk that its pictures show */
    struct unscaler *unscaler;       /* of a clip that was made another size; NULL before the first frame */
    int64_t chunk_first, chunk_last; /* times of the chunk's frames that were compared, in its time base; AV_NOPTS_VALUE
                                      * when there is one without, or one that is not later than that before it */
    struct match match;
    struct displacement_samples samples;
    struct source_motion watch;
    struct score *score;
    bool is_open, is_done;
};

/* Opens the clip and reads what the container says. */
void clip_check_open(struct clip_check *check);

/* Decodes the next frame into check->frame and notes what it shows. False when there is none. */
bool clip_check_next(struct clip_check *check);

/* Decodes the rest of the clip, judges it and reports its record; frees all. 0, or -1 when not even a record can be
 * made. */
int clip_check_end(struct clip_check *check);

#endif
