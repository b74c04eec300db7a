#include "th-fetch/job.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/av/media_whole.h"
#include "common/output/write_all.h"
#include "th-fetch/media/join.h"
#include "th-fetch/steps/item.h"

/* Copies all of from to to: with copy_file_range, or with read and write where that fails. */
static int copy_bytes(int from, int to, struct job *job, struct error *error)
{
    ssize_t got;
    char buffer[65536];

    while ((got = copy_file_range(from, NULL, to, NULL, 64 << 20, 0)) > 0)
        job_alive(job);
    if (got < 0 && errno == ENOSPC)
        return error_set_errno(error, errno, "cannot copy the resolver's file");
    while ((got = read(from, buffer, sizeof buffer)) > 0) {
        if (write_all(to, buffer, (size_t)got))
            return error_set_errno(error, errno, "cannot copy the resolver's file");
        job_alive(job);
    }
    return got < 0 ? error_set_errno(error, errno, "cannot read the resolver's file") : 0;
}

/* Copies work->from, which is on another file system, into the part. */
static int copy_file(const struct fetch_job *work, struct job *job, struct error *error)
{
    int result = -1;
    int from = open(work->from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int to = open(work->file.path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

    if (from < 0 || to < 0)
        error_set_errno(error, errno, "cannot copy '%.200s'", work->from);
    else
        result = copy_bytes(from, to, job, error);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return result;
}

/* Joins video and sound, after a check that the index of neither goes beyond the file's end. */
static int join(const struct fetch_job *work, struct job *job, struct error *error)
{
    const char *const paths[] = {work->file.path, work->audio};

    for (size_t i = 0; i < 2; i++) {
        AVFormatContext *format = NULL;
        struct stat facts;
        int result = -1;

        if (stat(paths[i], &facts) < 0)
            error_set_errno(error, errno, "cannot look at '%.200s'", paths[i]);
        else if (media_open(&format, paths[i], error) == 0)
            result = media_whole_check_index(format, facts.st_size, error);
        avformat_close_input(&format);
        if (result < 0) {
            error->word = error->word == ERROR_UNREADABLE ? ERROR_BAD_MEDIA : error->word;
            return -1;
        }
    }
    return join_audio(work->file.path, work->audio, work->must_fit, work->joined, job, error);
}

static int run(const struct fetch_job *work, struct job *job)
{
    struct probe_request file = work->file;
    struct probe_result result = {0};
    struct error *error = &result.error;

    if (work->audio)
        file.path = output_file_temporary(work->joined);
    if ((!work->from || copy_file(work, job, error) == 0) && (!work->audio || join(work, job, error) == 0))
        probe_file(&file, job, &result);
    return job_report(job, json_pack("{s:s, s:s, s:I, s:s, s:i, s:i, s:f, s:b}", "error", error_word_name(error->word),
                                     "message", error->message, "bytes", (json_int_t)result.bytes, "sha256",
                                     result.sha256, "width", result.width, "height", result.height, "fps", result.fps,
                                     "sound", (int)result.has_sound));
}

int fetch_job_run(struct job *job, void *context)
{
    const struct item *item = context;

    return run(&item->job, job);
}

bool fetch_job_access(const void *context, struct sandbox *sandbox)
{
    const struct fetch_job *work = &((const struct item *)context)->job;
    char *file = strdup(work->file.path), *dir = file ? dirname(file) : NULL;

    sandbox_read(sandbox, dir);             /* where the files of later orders are, too */
    sandbox_read(sandbox, work->file.path); /* which may be a link */
    sandbox_read(sandbox, work->from);
    if (work->from)
        sandbox_write(sandbox, work->file.path);
    if (work->audio)
        sandbox->kept_fd = output_file_fd(work->joined);
    free(file);
    return true;
}

json_t *fetch_job_order(void *context)
{
    const struct item *item = context;
    const struct fetch_job *work = &item->job;

    /* A link leads out of the folder that a child for orders may read. */
    return work->from || work->audio || item_is_link(item)
               ? NULL
               : json_pack("{s:s, s:b, s:b}", "path", work->file.path, "thorough", (int)work->file.is_thorough,
                           "hashed", (int)work->file.is_hashed);
}

int fetch_job_serve(struct job *job, const json_t *order)
{
    const struct fetch_job work = {.file = {.path = json_string_value(json_object_get(order, "path")),
                                            .is_thorough = json_is_true(json_object_get(order, "thorough")),
                                            .is_hashed = json_is_true(json_object_get(order, "hashed"))}};

    return work.file.path ? run(&work, job) : -1;
}

void fetch_job_read_report(const json_t *report, const struct error *fault, struct probe_result *result)
{
    const char *sha256 = json_string_value(json_object_get(report, "sha256"));
    const char *message = json_string_value(json_object_get(report, "message"));
    enum error_word word = error_word_from_name(json_string_value(json_object_get(report, "error")));

    *result = (struct probe_result){
        .bytes = json_integer_value(json_object_get(report, "bytes")),
        .width = (int)json_integer_value(json_object_get(report, "width")),
        .height = (int)json_integer_value(json_object_get(report, "height")),
        .fps = json_number_value(json_object_get(report, "fps")),
        .has_sound = json_is_true(json_object_get(report, "sound")),
    };
    if (fault)
        result->error = *fault;
    else if (!report)
        error_set(&result->error, ERROR_CRASHED, "the child process ended without a report");
    else if (word != ERROR_NONE)
        error_set(&result->error, word, "%s", message ? message : "");
    snprintf(result->sha256, sizeof result->sha256, "%s", sha256 ? sha256 : "");
}
