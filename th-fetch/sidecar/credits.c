#include "th-fetch/sidecar/credits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/line.h"
#include "common/output/output_file.h"
#include "common/output/output_place.h"
#include "common/output/write_all.h"
#include "common/stage/record.h"
#include "th-fetch/sidecar/csv.h"
#include "th-fetch/source/license.h"

static const char *const columns[] = {"id",      "title",           "author",    "url",
                                      "license", "license_version", "retrieved", "changes"};

enum { COLUMNS = sizeof columns / sizeof *columns };

struct credits {
    char *path, *header; /* the first row */
    int fd;              /* -1 until there is a row */
    json_t *rows;        /* by id, in the order in which they came */
    bool has_old;        /* the file holds rows that newer ones have replaced */
};

static int write_row(int fd, const char *row, const char *path, struct error *error)
{
    return write_all(fd, row, strlen(row)) ? error_set_errno(error, errno, "cannot write %s", path) : 0;
}

static int lock_file(struct credits *credits, struct error *error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(credits->fd, F_SETLK, &lock) == 0 || errno == ENOLCK || errno == ENOSYS)
        return 0;
    return error_set(error, ERROR_IO, "another process is writing %s", credits->path);
}

/* Reads the rows of the file. *end, 0 before, becomes the end of the last whole row, in bytes. */
static int read_rows(struct credits *credits, FILE *stream, off_t *end, struct error *error)
{
    int result = -1;
    struct line line = {0};
    enum line_result got;
    struct error fault;

    while ((got = line_read(&line, stream, &fault)) == LINE_READ && line.text[line.length - 1] == '\n') {
        char *id = csv_first_field(line.text);
        bool is_good = line.number == 1 ? strcmp(line.text, credits->header) == 0 : id != NULL;

        if (!is_good)
            error_set(error, ERROR_IO, "%s:%ld: this is not a list of credits written by th-fetch", credits->path,
                      line.number);
        else if (line.number > 1) {
            credits->has_old = credits->has_old || json_object_get(credits->rows, id);
            is_good = json_object_set_new(credits->rows, id, json_string(line.text)) == 0;
        }
        free(id);
        if (!is_good)
            goto end;
        *end += (off_t)line.length;
    }
    if (got == LINE_TOO_LONG || got == LINE_FAILED)
        error_set(error, fault.word, "%s:%ld: %s", credits->path, line.number, fault.message);
    else
        result = 0;
end:
    free(line.text);
    return result;
}

static int load(struct credits *credits, struct error *error)
{
    struct stat facts;
    off_t end = 0;
    int result = -1;

    credits->fd = open(credits->path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (credits->fd < 0 && errno == ENOENT)
        /* The file is made with its first row. */
        return output_place_check(credits->path) ? error_set_errno(error, errno, "cannot make %s", credits->path) : 0;
    if (credits->fd < 0)
        return error_set_errno(error, errno, "cannot open %s", credits->path);
    int copy = dup(credits->fd);
    FILE *stream = copy < 0 ? NULL : fdopen(copy, "r");
    if (!stream || fstat(credits->fd, &facts) < 0)
        error_set_errno(error, errno, "cannot read %s", credits->path);
    else if (read_rows(credits, stream, &end, error) == 0)
        result = 0;
    if (stream)
        fclose(stream);
    else if (copy >= 0)
        close(copy);
    /* Only now: closing any descriptor of the file, as fclose did, drops the process's locks on it. */
    if (result == 0)
        result = lock_file(credits, error);
    if (result == 0 && end < facts.st_size && ftruncate(credits->fd, end) < 0)
        result = error_set_errno(error, errno, "cannot write %s", credits->path);
    return result;
}

int credits_alloc(struct credits **out, const char *path, struct error *error)
{
    struct credits *credits = calloc(1, sizeof *credits);
    int result = -1;

    error_set(error, ERROR_IO, "out of memory");
    if (credits) {
        credits->fd = -1;
        credits->path = strdup(path);
        credits->header = csv_row(columns, COLUMNS);
        credits->rows = json_object();
        if (credits->path && credits->header && credits->rows)
            result = load(credits, error);
    }
    if (result < 0)
        credits_free(&credits);
    *out = credits;
    return result;
}

void credits_free(struct credits **credits)
{
    if (!*credits)
        return;
    if ((*credits)->fd >= 0)
        close((*credits)->fd);
    json_decref((*credits)->rows);
    free((*credits)->path);
    free((*credits)->header);
    free(*credits);
    *credits = NULL;
}

static char *row_of(const json_t *record)
{
    const char *license = record_text(record, "license");
    char version[LICENSE_VERSION_BYTES];

    license_version(license ? license : "", version);
    const char *const fields[COLUMNS] = {record_text(record, "key"),
                                         record_text(record, "title"),
                                         record_text(record, "uploader"),
                                         record_text(record, "url"),
                                         license,
                                         version,
                                         record_text(record, "retrieved"),
                                         "cut into clips and cropped"};
    return csv_row(fields, COLUMNS);
}

/* Makes the file with its header. */
static int create(struct credits *credits, struct error *error)
{
    struct stat facts;

    credits->fd = open(credits->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (credits->fd < 0 || fstat(credits->fd, &facts) < 0)
        return error_set_errno(error, errno, "cannot make %s", credits->path);
    if (lock_file(credits, error) < 0)
        return -1;
    /* Another process may have made it meanwhile. */
    return facts.st_size > 0 ? 0 : write_row(credits->fd, credits->header, credits->path, error);
}

int credits_add(struct credits *credits, const json_t *record, struct error *error)
{
    const char *key = record_text(record, "key");
    const char *old = record_text(credits->rows, key);
    int result = -1;

    if (!record_text(record, "title") && !record_text(record, "uploader") && !record_text(record, "license"))
        return 0;
    char *row = row_of(record);
    if (row && old && strcmp(row, old) == 0) {
        result = 0;
        goto end;
    }
    credits->has_old = credits->has_old || old;
    if (!row || json_object_set_new(credits->rows, key, json_string(row)) < 0)
        error_set(error, ERROR_IO, "out of memory");
    else if (credits->fd >= 0 || create(credits, error) == 0)
        result = write_row(credits->fd, row, credits->path, error);
end:
    free(row);
    return result;
}

bool credits_know(const struct credits *credits, const char *id)
{
    return json_object_get(credits->rows, id);
}

int credits_finish(struct credits *credits, struct error *error)
{
    struct output_file *file = NULL;
    const char *id;
    json_t *row;
    int result = -1;

    if (!credits->has_old) {
        bool is_synced = credits->fd < 0 || fsync(credits->fd) == 0;
        return is_synced ? 0 : error_set_errno(error, errno, "cannot sync %s", credits->path);
    }
    if (output_file_open(&file, credits->path, error) < 0 ||
        write_row(output_file_fd(file), credits->header, credits->path, error) < 0)
        goto end;
    json_object_foreach(credits->rows, id, row)
    {
        if (write_row(output_file_fd(file), json_string_value(row), credits->path, error) < 0)
            goto end;
    }
    result = output_file_commit(&file, NULL, error);
end:
    output_file_abort(&file);
    return result;
}
