/* The child: looks through one video file, which may first have to be copied, or joined with its sound. */
#ifndef TH_FETCH_JOB_H
#define TH_FETCH_JOB_H

#include <jansson.h>

#include "common/output/output_file.h"
#include "common/stage/jobs.h"
#include "th-fetch/media/probe.h"

struct fetch_job {
    struct probe_request file;
    const char *from;           /* a file on another file system, to be copied to file.path first; NULL: none */
    const char *audio;          /* a file of sound, to be joined to file.path first; NULL: none */
    bool must_fit;              /* audio has to last as long as the video */
    struct output_file *joined; /* with audio: what the two become, and what is then looked at */
};

/* In the child: does item->job of item, a struct item, and reports a probe_result. 0, or -1 when nothing could be
 * reported. */
int fetch_job_run(struct job *job, void *item);

/* In the child: the files that the job needs (jobs.h). */
bool fetch_job_access(const void *item, struct sandbox *sandbox);

/* The same job in words (new), and its run from those. NULL when it is one that writes, or a path is not UTF-8. */
json_t *fetch_job_order(void *item);
int fetch_job_serve(struct job *job, const json_t *order);

/* In the parent: reads the report (NULL: there is none) of a child that has ended with fault (NULL: it ended well). */
void fetch_job_read_report(const json_t *report, const struct error *fault, struct probe_result *result);

#endif
