/* The passes over a chunk: frames come from the decoder and go to the cuts that need them. */
#ifndef TH_CROP_PASSES_H
#define TH_CROP_PASSES_H

#include "th-crop/job_internal.h"

/* Decodes until no cut needs more, and has the pool work on the frames. Afterwards every cut is done; how much was
 * decoded is reported. */
void passes_run(struct crop_worker *worker);

#endif
