#include "th-fetch/sidecar/credits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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

enum { COLUMNS = sizeof columns / sizeof *columns, LOCK_WAIT_MS = 60000 };

/* Several runs may share the file. Each locks it for one step at a time: reads what others have added, and adds a row
 * or writes the file anew. */
struct credits {
    char *path, *header; /* the first row */
    int fd;       /* -1 until there is a row; not closed between steps, so that no other file gets its inode number */
    json_t *rows; /* by id, in the order in which they came */
    bool has_old; /* the file holds rows that newer ones have replaced */
    long lines;   /* whole rows read, with the header, and where they end in bytes */
    off_t end;
};

static int write_row(int fd, const char *row, const char *path, struct error *error)
{
    return write_all(fd, row, strlen(row)) ? error_set_errno(error, errno, "cannot write %s", path) : 0;
}

static void close_file(struct credits *credits)
{
    if (credits->fd >= 0)
        close(credits->fd);
    credits->fd = -1;
    credits->has_old = false;
    credits->lines = 0;
    credits->end = 0;
    json_object_clear(credits->rows);
}

/* Whether the open file still has the name. A run that writes the list anew gives the name to another file. */
static bool is_current(const struct credits *credits)
{
    struct stat opened, named;

    return fstat(credits->fd, &opened) == 0 && stat(credits->path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* Opens, with these flags of open(), and locks the file. 0, or -1 and error and errno. */
static int lock_file(struct credits *credits, int flags, struct error *error)
{
    for (;;) {
        if (credits->fd < 0)
            credits->fd = open(credits->path, O_RDWR | O_APPEND | O_CLOEXEC | flags, 0666);
        if (credits->fd < 0)
            return error_set_errno(error, errno, "cannot open %s", credits->path);
        if (output_place_lock_fd(credits->fd, LOCK_WAIT_MS) < 0)
            return error_set_errno(error, errno, "another process has locked %s", credits->path);
        if (is_current(credits))
            return 0;
        close_file(credits);
    }
}

static void unlock_file(const struct credits *credits)
{
    if (credits->fd >= 0)
        flock(credits->fd, LOCK_UN);
}

static int keep_row(struct credits *credits, const char *line, struct error *error)
{
    char *id = csv_first_field(line);
    bool is_header = credits->lines++ == 0;
    int result = 0;

    if (is_header ? strcmp(line, credits->header) != 0 : !id)
        result = error_set(error, ERROR_IO, "%s:%ld: this is not a list of credits written by th-fetch", credits->path,
                           credits->lines);
    else if (!is_header) {
        credits->has_old = credits->has_old || json_object_get(credits->rows, id);
        if (json_object_set_new(credits->rows, id, json_string(line)) < 0)
            result = error_set(error, ERROR_IO, "out of memory");
    }
    free(id);
    return result;
}

static int read_rows(struct credits *credits, FILE *stream, struct error *error)
{
    struct line line = {.number = credits->lines};
    enum line_result got = LINE_END;
    struct error fault;
    int result = fseeko(stream, credits->end, SEEK_SET);

    if (result < 0)
        error_set_errno(error, errno, "cannot read %s", credits->path);
    while (result == 0 && (got = line_read(&line, stream, &fault)) == LINE_READ && line.text[line.length - 1] == '\n') {
        result = keep_row(credits, line.text, error);
        credits->end += (off_t)line.length;
    }
    if (got == LINE_TOO_LONG || got == LINE_FAILED)
        result = error_set(error, fault.word, "%s:%ld: %s", credits->path, line.number, fault.message);
    free(line.text);
    return result;
}

/* Reads the rows that are new in the locked file, and removes a last one that a killed run left incomplete. */
static int catch_up(struct credits *credits, struct error *error)
{
    struct stat facts;
    int copy = dup(credits->fd), result = -1;
    FILE *stream = copy < 0 ? NULL : fdopen(copy, "r");

    if (!stream || fstat(credits->fd, &facts) < 0)
        error_set_errno(error, errno, "cannot read %s", credits->path);
    else
        result = read_rows(credits, stream, error);
    if (stream)
        fclose(stream);
    else if (copy >= 0)
        close(copy);
    if (result == 0 && credits->end < facts.st_size && ftruncate(credits->fd, credits->end) < 0)
        result = error_set_errno(error, errno, "cannot write %s", credits->path);
    return result;
}

static int load(struct credits *credits, struct error *error)
{
    int result = lock_file(credits, 0, error);

    if (result < 0 && credits->fd < 0 && errno == ENOENT)
        /* The file is made with its first row. */
        return output_place_check(credits->path) ? error_set_errno(error, errno, "cannot make %s", credits->path) : 0;
    if (result == 0)
        result = catch_up(credits, error);
    unlock_file(credits);
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
    close_file(*credits);
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

/* Adds a row to the locked file, after the header if it is the first. What cannot be written whole is removed. */
static int append(struct credits *credits, const char *row, struct error *error)
{
    if ((credits->end == 0 && write_row(credits->fd, credits->header, credits->path, error) < 0) ||
        write_row(credits->fd, row, credits->path, error) < 0) {
        (void)!ftruncate(credits->fd, credits->end);
        return -1;
    }
    credits->lines += credits->end == 0 ? 2 : 1;
    credits->end = lseek(credits->fd, 0, SEEK_CUR);
    return 0;
}

int credits_add(struct credits *credits, const json_t *record, struct error *error)
{
    const char *key = record_text(record, "key");
    int result = -1;

    if (!record_text(record, "title") && !record_text(record, "uploader") && !record_text(record, "license"))
        return 0;
    char *row = row_of(record);
    if (!row)
        return error_set(error, ERROR_IO, "out of memory");
    if (lock_file(credits, O_CREAT, error) < 0 || catch_up(credits, error) < 0)
        goto end;
    const char *old = record_text(credits->rows, key);
    if (old && strcmp(row, old) == 0)
        result = 0;
    else if (append(credits, row, error) == 0) {
        credits->has_old = credits->has_old || old;
        result = json_object_set_new(credits->rows, key, json_string(row)) < 0
                     ? error_set(error, ERROR_IO, "out of memory")
                     : 0;
    }
end:
    unlock_file(credits);
    free(row);
    return result;
}

bool credits_know(const struct credits *credits, const char *id)
{
    return json_object_get(credits->rows, id);
}

static int write_anew(const struct credits *credits, struct error *error)
{
    struct output_file *file = NULL;
    const char *id;
    json_t *row;
    int result = -1;

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

int credits_finish(struct credits *credits, struct error *error)
{
    int result = 0;

    if (credits->has_old) {
        result = lock_file(credits, O_CREAT, error);
        if (result == 0)
            result = catch_up(credits, error);
        if (result == 0 && credits->has_old)
            result = write_anew(credits, error);
        unlock_file(credits);
    } else if (credits->fd >= 0 && fsync(credits->fd) < 0)
        result = error_set_errno(error, errno, "cannot sync %s", credits->path);
    return result;
}
