#include "th-split/job.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/name.h"
#include "common/stage/record.h"
#include "th-split/cut.h"
#include "th-split/record.h"

const char split_job_index_dir[] = ".index";

static const char index_suffix[] = ".jsonl";

char *split_job_index_path(const struct split_work *work)
{
    char *dir = name_path(work->dir, split_job_index_dir, "");
    char *path = dir ? name_path(dir, work->request.id, index_suffix) : NULL;

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

/* With no_copy, chunk files that an earlier run wrote with the same settings stay in use, and no other is written. */
static void keep_known(const struct split_work *work, struct split_index *index)
{
    size_t known = work->known ? work->known->count : 0;

    for (size_t i = 0; i < index->count; i++) {
        index->chunks[i].is_written = i < known && work->known->chunks[i].is_written;
        if (index->chunks[i].is_written)
            index->chunks[i].file = work->known->chunks[i].file;
    }
}

/* True when no run needs chunk `number` of the video, if it is there. */
static bool is_stale(const struct split_index *index, json_int_t number)
{
    return number >= (json_int_t)index->count || (number >= 0 && !index->chunks[number].is_written);
}

/* The number of the video's chunk that the folder's entry is; -1: it is none. */
static long chunk_number(const char *entry, const char *id)
{
    char name[NAME_CHUNK_MAX + 1];
    char *chunk = name_from_path(entry, ".mp4");
    long number = -1;
    bool is_chunk = chunk && strlen(chunk) < strlen(entry) && name_chunk_id(chunk, &number) == strlen(id) &&
                    !strncmp(chunk, id, strlen(id));

    if (is_chunk) {
        split_index_chunk_name(name, id, (size_t)number);
        is_chunk = !strcmp(name, chunk);
    }
    free(chunk);
    return is_chunk ? number : -1;
}

/* Lists the chunk files of earlier runs that are stale. New; NULL and error on failure. */
static json_t *find_stale(const struct split_work *work, const struct split_index *index, struct error *error)
{
    json_t *stale = json_array();
    DIR *folder = opendir(work->dir);
    int status = folder && stale ? 0 : -1;
    struct dirent *entry;

    if (folder)
        error_set(error, ERROR_IO, "out of memory");
    else
        error_set_errno(error, errno, "cannot read the folder %s", work->dir);
    while (!status && (entry = readdir(folder))) {
        long number = chunk_number(entry->d_name, work->request.id);

        if (number >= 0 && is_stale(index, number))
            status = json_array_append_new(stale, json_integer(number));
    }
    if (folder)
        closedir(folder);
    if (!status)
        return stale;
    json_decref(stale);
    return NULL;
}

/* The path of the index that the child writes. New, NULL when out of memory. */
static char *made_index_path(const struct split_work *work)
{
    return name_path(work_folder_path(work->folder), work->request.id, index_suffix);
}

/* New, NULL and error on failure. */
static json_t *split(const struct split_work *work, struct job *job, struct error *error)
{
    struct cut_request cut = {.source = work->request.source,
                              .dir = work_folder_path(work->folder),
                              .id = work->request.id,
                              .seconds = work->seconds,
                              .wanted = work->no_copy ? NULL : is_wanted,
                              .context = work,
                              .job = job};
    struct split_index *index = NULL;
    char *path = made_index_path(work);
    json_t *stale = NULL;

    if (!path) {
        error_set(error, ERROR_IO, "out of memory");
        return NULL;
    }
    if (!cut_video(&cut, &index, error)) {
        if (work->no_copy)
            keep_known(work, index);
        if (!split_index_save(index, path, work->request.id, error))
            stale = find_stale(work, index, error);
    }
    split_index_free(&index);
    free(path);
    return stale;
}

int split_job_run(const struct split_work *work, struct job *job)
{
    struct error error;
    json_t *stale = split(work, job, &error);

    return job_report(job, stale ? json_pack("{s:o}", "stale", stale)
                                 : split_record_failure(&work->request, STATUS_FAILED, &error));
}

/* 0, or -1 and error. */
static int take_chunk(const struct split_work *work, size_t number, struct error *error)
{
    char *path = split_index_chunk_path(work->dir, work->request.id, number);
    int status = path ? work_folder_take(work->folder, path, error) : error_set(error, ERROR_IO, "out of memory");

    free(path);
    return status;
}

/* Removes the chunk, if it is there. 0, or -1 and error. */
static int remove_chunk(const struct split_work *work, size_t number, struct error *error)
{
    char *path = split_index_chunk_path(work->dir, work->request.id, number);
    int status = 0;

    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    if (unlink(path) && errno != ENOENT)
        status = error_set_errno(error, errno, "cannot remove the old chunk %s", path);
    free(path);
    return status;
}

/* Removes those that are listed, if they are stale. 0, or -1 and error. */
static int remove_stale(const struct split_work *work, const struct split_index *index, const json_t *stale,
                        struct error *error)
{
    const json_t *value;
    size_t i;

    json_array_foreach(stale, i, value)
    {
        json_int_t number = json_integer_value(value);

        if (number <= UINT_MAX && is_stale(index, number) && remove_chunk(work, (size_t)number, error))
            return -1;
    }
    return 0;
}

int split_job_finish(const struct split_work *work, const json_t *stale, struct split_index **index,
                     struct error *error)
{
    char *made = made_index_path(work), *path = split_job_index_path(work);
    int status = -1;

    *index = NULL;
    if (!made || !path)
        error_set(error, ERROR_IO, "out of memory");
    else
        status = split_index_load(index, made, work->request.id, error);
    /* A child that was taken over may have written anything. */
    if (status && made && (error->word == ERROR_UNREADABLE || access(made, F_OK)))
        error_set(error, ERROR_CRASHED, "the child process has sent no record of its work");
    if (!status && work->no_copy)
        keep_known(work, *index);
    for (size_t i = 0; !status && !work->no_copy && i < (*index)->count; i++)
        if ((*index)->chunks[i].is_written)
            status = take_chunk(work, i, error);
    if (!status)
        status = remove_stale(work, *index, stale, error);
    if (!status && !work->no_copy)
        status = work_folder_sync(work->folder, error);
    if (!status)
        status = work_folder_take(work->folder, path, error);
    if (status)
        split_index_free(index);
    free(made);
    free(path);
    return status;
}
