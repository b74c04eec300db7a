/* Scores a model's reconstruction of a clip against the clip, frame by frame. */
#ifndef TH_VERIFY_MEASURE_SCORE_H
#define TH_VERIFY_MEASURE_SCORE_H

#include <jansson.h>
#include <libavutil/frame.h>

#include "common/error.h"
#include "common/stage/jobs.h"

struct score;

/* Opens DIR/KEY.mp4; its faults become part of the result. NULL when memory runs out. */
struct score *score_open(const char *dir, const char *key, struct job *job);

/* Compares the clip's next frame with the reconstruction's. 0, or -1 and error (io) when the work cannot be done. */
int score_add(struct score *score, const AVFrame *clip, struct error *error);

/* The result, to be called after all frames of the clip were added, as a new object: reference (the path), frames, l1,
 * psnr, ssim and ms_ssim (null when the pictures are too small for it), means over the frames; or reference, error and
 * message. NULL when memory runs out. */
json_t *score_result(struct score *score);

/* Frees and leaves NULL; takes NULL. */
void score_close(struct score **score);

#endif
