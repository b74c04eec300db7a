/* Verifies clips, in a process of their own. */
#ifndef TH_VERIFY_JOB_H
#define TH_VERIFY_JOB_H

#include <stddef.h>

#include "common/stage/jobs.h"
#include "th-verify/check.h"
#include "th-verify/clip.h"

/* Measures count clips of one chunk down to level, checks them, scores the reconstructions in the folder reference
 * (NULL: none) and reports their records to job. 0, or -1 when not even a record can be made. */
int verify_job_run(struct job *job, struct clip *const *clips, size_t count, enum level level, const char *reference);

#endif
