#include "th-fetch/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file_stamp.h"
#include "common/name.h"
#include "common/output_file.h"
#include "common/record.h"

enum {
    VERSION = 1,            /* of the file's form */
    INDEX_BYTES = 64 * 1024 /* a record has hardly a thousand */
};

static char *folder_of(const char *dir)
{
    return name_path(dir, ".index", "");
}

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
    int result = 0;

    if (!folder)
        return error_set(error, ERROR_IO, "out of memory");
    if (access(folder, F_OK) == 0)
        result = output_sweep(folder, error);
    free(folder);
    return result;
}

static int make_folder(const char *dir, struct error *error)
{
    char *folder = folder_of(dir);
    int result = -1;

    if (!folder)
        error_set(error, ERROR_IO, "out of memory");
    else if (mkdir(folder, 0777) < 0 && errno != EEXIST)
        error_set_errno(error, errno, "cannot make the folder '%.200s'", folder);
    else
        result = 0;
    free(folder);
    return result;
}

int index_save(const char *dir, const char *id, const char *file, const json_t *record, struct error *error)
{
    struct file_stamp stamp;
    struct output_file *out = NULL;
    json_t *index = NULL;
    char *path = path_of(dir, id);
    int result = -1;

    if (!path) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (file_stamp_read(&stamp, file) < 0) {
        error_set_errno(error, errno, "cannot look at '%.200s'", file);
        goto end;
    }
    index = json_pack("{s:i, s:I, s:I, s:O}", "index", VERSION, "size", (json_int_t)stamp.size, "mtime",
                      (json_int_t)stamp.mtime, "record", record);
    if (!index) {
        error_set(error, ERROR_IO, "cannot put '%.200s' together", path);
        goto end;
    }
    if (make_folder(dir, error) < 0 || output_file_open(&out, path, error) < 0)
        goto end;
    if (json_dumpfd(index, output_file_fd(out), JSON_COMPACT) < 0) {
        error_set_errno(error, errno, "cannot write '%.200s'", path);
        goto end;
    }
    result = output_file_commit(&out, NULL, error);
end:
    output_file_abort(&out);
    json_decref(index);
    free(path);
    return result;
}

static json_t *read_file(const char *path)
{
    struct stat facts;
    json_t *json = NULL;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size <= INDEX_BYTES)
        json = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
    if (fd >= 0)
        close(fd);
    return json;
}

/* Whether record is that of a download of the video id. */
static bool is_record_of(const json_t *record, const char *id)
{
    struct record_head head;
    struct error error;

    return record_read_head(record, &head, &error) == 0 && head.stage == STAGE_FETCH && head.kind == KIND_VIDEO &&
           head.status == STATUS_OK && strcmp(head.key, id) == 0;
}

json_t *index_load(const char *dir, const char *id, const char *file)
{
    struct file_stamp stamp;
    json_int_t size, mtime;
    json_t *record, *kept = NULL;
    int version;
    char *path = path_of(dir, id);
    json_t *index = path ? read_file(path) : NULL;

    if (index && file_stamp_read(&stamp, file) == 0 &&
        json_unpack(index, "{s:i, s:I, s:I, s:o}", "index", &version, "size", &size, "mtime", &mtime, "record",
                    &record) == 0 &&
        version == VERSION && file_stamp_equal(&stamp, &(struct file_stamp){.size = size, .mtime = mtime}) &&
        is_record_of(record, id))
        kept = json_incref(record);
    json_decref(index);
    free(path);
    return kept;
}
