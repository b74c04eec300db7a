#include "th-verify/job.h"

#include <stdlib.h>

#include "th-verify/measure/compare.h"

int verify_clips(struct job *job, struct clip *const *clips, size_t count, enum level level, const char *reference)
{
    const char *source = clips[0]->source;
    struct exam *exams = calloc(count, sizeof *exams);
    int status = 0;

    if (!exams)
        return -1;
    for (size_t i = 0; i < count; i++)
        exams[i] = (struct exam){.clip = clips[i], .job = job, .level = level, .reference = reference};
    if (level >= LEVEL_SOURCE && source)
        status = compare_clips(source, job, exams, count);
    for (size_t i = 0; i < count && !status; i++) {
        if (exams[i].is_done)
            continue;
        exam_open(&exams[i]);
        if (level >= LEVEL_SOURCE)
            exams[i].evidence.uncompared = "its chunk is not at hand";
        status = exam_end(&exams[i]);
    }
    free(exams);
    return status;
}
