/* Holds clips against the chunk that they were made from, which is decoded once for all of them. */
#ifndef TH_VERIFY_MEASURE_COMPARE_H
#define TH_VERIFY_MEASURE_COMPARE_H

#include "th-verify/clip_check.h"

/* Decodes the chunk at path and the clips of count checks (not yet open, of that chunk) side by side, and ends each
 * check as soon as its last frame has been compared. What hinders the comparison is noted in the checks. 0, or -1 when
 * a record cannot be made. */
int compare_clips(const char *path, struct job *job, struct clip_check *checks, size_t count);

#endif
