#include "th-fetch/sidecar/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/name.h"
#include "common/output/file_stamp.h"
#include "common/output/json_file.h"
#include "common/output/output_file.h"
#include "common/stage/record.h"

enum {
    VERSION = 1,                /* of the file format */
    INDEX_BYTES_MAX = 64 * 1024 /* a record has about a thousand */
};

/* DIR/.index in new memory, NULL when out of memory. */
static char *folder_of(const char *dir)
{
    return name_path(dir, ".index", "");
}

/* DIR/.index/ID.json in new memory, NULL when out of memory. */
static char *path_of(const char *dir, const char *id)
{
    char *folder = folder_of(dir);
    char *path = folder ? name_path(folder, id, ".json") : NULL;

    free(folder);
    return path;
}

int index_sweep(const char *dir, struct error *error)
{
    char *folder = folder_of(dir);
    struct stat facts;
    int result = 0;

    if (!folder)
        return error_set(error, ERROR_IO, "out of memory");
    if (lstat(folder, &facts) == 0)
        result = output_file_sweep_notes(folder, error);
    free(folder);
    return result;
}

int index_save(const char *dir, const char *id, const char *file, const json_t *record, struct error *error)
{
    struct file_stamp stamp;
    json_t *index = NULL;
    char *folder = folder_of(dir), *path = path_of(dir, id);
    int status = -1;

    if (!folder || !path) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (file_stamp_read(&stamp, file) < 0) {
        error_set_errno(error, errno, "cannot look at '%.200s'", file);
        goto end;
    }
    if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
        error_set_errno(error, errno, "cannot make the folder '%.200s'", folder);
        goto end;
    }
    index = json_pack("{s:i, s:I, s:I, s:O}", "index", VERSION, "size", (json_int_t)stamp.size, "mtime",
                      (json_int_t)stamp.mtime, "record", record);
    status = json_file_save(path, &index, 1, JSON_COMPACT, error);
end:
    json_decref(index);
    free(folder);
    free(path);
    return status;
}

/* Whether record says that the video id was downloaded. */
static bool is_record_of(const json_t *record, const char *id)
{
    struct record_head head;
    struct error error;

    return record_read_head(record, &head, &error) == 0 && head.stage == STAGE_FETCH && head.kind == KIND_VIDEO &&
           head.status == STATUS_OK && strcmp(head.key, id) == 0;
}

/* The file, new (json_decref); NULL when it is missing or not of the video id. */
static json_t *load_file(const char *dir, const char *id)
{
    char *path = path_of(dir, id);
    json_t *index = path ? json_file_load(path, INDEX_BYTES_MAX) : NULL;

    free(path);
    if (json_integer_value(json_object_get(index, "index")) == VERSION &&
        is_record_of(json_object_get(index, "record"), id))
        return index;
    json_decref(index);
    return NULL;
}

json_t *index_load(const char *dir, const char *id, const char *file, bool *is_same)
{
    struct file_stamp stamp;
    json_int_t size, mtime;
    json_t *record, *kept = NULL, *index = load_file(dir, id);

    if (index && file_stamp_read(&stamp, file) == 0 &&
        json_unpack(index, "{s:I, s:I, s:o}", "size", &size, "mtime", &mtime, "record", &record) == 0 &&
        stamp.size == size)
        kept = json_incref(record);
    *is_same = kept && stamp.mtime == mtime;
    json_decref(index);
    return kept;
}

json_t *index_load_discarded(const char *dir, const char *id)
{
    char *note = name_path(dir, id, ".mp4.discarded");
    json_t *index = note && access(note, F_OK) == 0 ? load_file(dir, id) : NULL;
    json_t *record = json_incref(json_object_get(index, "record"));

    json_decref(index);
    free(note);
    return record;
}
