/* Verifies clips, in a child process. */
#ifndef TH_VERIFY_JOB_H
#define TH_VERIFY_JOB_H

#include <stddef.h>

#include "common/stage/jobs.h"
#include "th-verify/check.h"
#include "th-verify/clip.h"

/* Measures the clips, `count` of one chunk, down to level, checks them, scores their reconstructions in the folder
 * reference (NULL: none) and reports a record of each to job. 0, or -1 when a record cannot be made. */
int verify_job_run(struct job *job, struct clip *const *clips, size_t count, enum level level, const char *reference);

#endif
