#include "th-split/job.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/name.h"
#include "common/stage/record.h"
#include "th-split/cut.h"
#include "th-split/record.h"

const char split_job_index_dir[] = ".index";

char *split_job_index_path(const struct split_work *work)
{
    char *dir = name_path(work->dir, split_job_index_dir, "");
    char *path = dir ? name_path(dir, work->request.id, ".jsonl") : NULL;

    free(dir);
    return path;
}

bool split_job_is_listed(const struct split_work *work, size_t number)
{
    char name[NAME_CHUNK_MAX + 1];

    if (!work->tubes)
        return true;
    split_index_chunk_name(name, work->request.id, number);
    return tube_list_chunk(work->tubes, name);
}

/* A chunk that an earlier run wrote, perhaps for another tube list, is written again, so that it is not lost. */
static bool is_wanted(const void *context, size_t number)
{
    const struct split_work *work = context;
    bool was_written = work->known && number < work->known->count && work->known->chunks[number].is_written;

    return was_written || split_job_is_listed(work, number);
}

bool split_job_is_done(const struct split_work *work, const struct split_index *index, size_t number)
{
    const struct chunk_facts *chunk = &index->chunks[number];

    return chunk->is_written || (work->no_copy && chunk->has_range);
}

json_t *split_job_chunk_record(const struct split_work *work, const struct split_index *index, size_t number,
                               bool cached)
{
    bool has_file = index->chunks[number].is_written;
    char *path = has_file ? split_index_chunk_path(work->dir, work->request.id, number) : NULL;
    json_t *record = NULL;

    if (path || !has_file)
        record = split_record_chunk(&work->request, index, number, path, cached);
    free(path);
    return record;
}

/* With no_copy, chunk files that an earlier run wrote with the same settings stay in use. */
static void keep_known(const struct split_work *work, struct split_index *index)
{
    for (size_t i = 0; work->known && i < index->count && i < work->known->count; i++) {
        index->chunks[i].is_written = work->known->chunks[i].is_written;
        index->chunks[i].file = work->known->chunks[i].file;
    }
}

/* True when the folder's entry is a chunk of the video that the index does not list as written. */
static bool is_stale(const char *entry, const char *id, const struct split_index *index)
{
    char name[NAME_CHUNK_MAX + 1];
    char *chunk = name_from_path(entry, ".mp4");
    long number;
    bool is_chunk = chunk && strlen(chunk) < strlen(entry) && name_chunk_id(chunk, &number) == strlen(id) &&
                    !strncmp(chunk, id, strlen(id));

    if (is_chunk) {
        split_index_chunk_name(name, id, (size_t)number);
        is_chunk = !strcmp(name, chunk);
    }
    free(chunk);
    return is_chunk && ((size_t)number >= index->count || !index->chunks[number].is_written);
}

/* Removes chunk files of earlier runs that the index does not list. */
static int remove_stale(const struct split_work *work, const struct split_index *index, struct error *error)
{
    DIR *folder = opendir(work->dir);
    struct dirent *entry;
    int status = 0;

    if (!folder)
        return error_set_errno(error, errno, "cannot read the folder %s", work->dir);
    while (!status && (entry = readdir(folder)))
        if (is_stale(entry->d_name, work->request.id, index) && unlinkat(dirfd(folder), entry->d_name, 0) &&
            errno != ENOENT)
            status = error_set_errno(error, errno, "cannot remove the old chunk %s", entry->d_name);
    closedir(folder);
    return status;
}

static int split(const struct split_work *work, struct job *job, struct split_index **index, struct error *error)
{
    struct cut_request cut = {.source = work->request.source,
                              .dir = work->dir,
                              .id = work->request.id,
                              .seconds = work->seconds,
                              .wanted = work->no_copy ? NULL : is_wanted,
                              .context = work,
                              .job = job};
    char *path = split_job_index_path(work);
    int status = -1;

    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    if (cut_video(&cut, index, error))
        goto end;
    if (work->no_copy)
        keep_known(work, *index);
    if (!remove_stale(work, *index, error))
        status = split_index_save(*index, path, work->request.id, error);
end:
    free(path);
    return status;
}

int split_job_run(const struct split_work *work, struct job *job)
{
    struct split_index *index = NULL;
    struct error error;
    int status = split(work, job, &index, &error);

    if (status || !index) {
        split_index_free(&index);
        return job_report(job, split_record_failure(&work->request, STATUS_FAILED, &error));
    }
    for (size_t i = 0; !status && i < index->count; i++)
        if (split_job_is_listed(work, i))
            status =
                job_report(job, split_job_chunk_record(work, index, i, work->no_copy && index->chunks[i].is_written));
    if (!status)
        status = job_report(job, split_record_video(&work->request, index, false));
    split_index_free(&index);
    return status;
}
