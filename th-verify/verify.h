/* Verifies one clip, in a process of its own. */
#ifndef TH_VERIFY_VERIFY_H
#define TH_VERIFY_VERIFY_H

#include "common/jobs.h"
#include "th-verify/check.h"
#include "th-verify/clip.h"

/* Measures the clip down to level, checks it and reports its record to job. 0, or -1 when not even a record can be
 * made. */
int verify_clip(struct job *job, const struct clip *clip, enum level level);

#endif
