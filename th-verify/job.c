#include "th-verify/job.h"

#include <stdlib.h>

#include "th-verify/measure/compare.h"

int verify_job_run(struct job *job, struct clip *const *clips, size_t count, enum level level, const char *reference)
{
    const char *source = clips[0]->source;
    struct clip_check *checks = calloc(count, sizeof *checks);
    int status = 0;

    if (!checks)
        return -1;
    for (size_t i = 0; i < count; i++)
        checks[i] = (struct clip_check){.clip = clips[i], .job = job, .level = level, .reference = reference};
    if (level >= LEVEL_SOURCE && source)
        status = compare_clips(source, job, checks, count);
    for (size_t i = 0; i < count && !status; i++) {
        if (checks[i].is_done)
            continue;
        clip_check_open(&checks[i]);
        if (level >= LEVEL_SOURCE)
            checks[i].evidence.uncompared = "its chunk is not at hand";
        status = clip_check_end(&checks[i]);
    }
    free(checks);
    return status;
}
