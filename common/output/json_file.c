#include "common/output/json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output/output_file.h"

/* A stream that writes to a duplicate of the file's descriptor. NULL and errno on failure. */
static FILE *open_stream(const struct output_file *file)
{
    int fd = fcntl(output_file_fd(file), F_DUPFD_CLOEXEC, 0);
    FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (!stream && fd >= 0)
        close(fd);
    return stream;
}

/* 0, or -1 and errno. */
static int write_lines(const struct output_file *file, json_t *const *lines, size_t count, size_t flags)
{
    FILE *stream = open_stream(file);
    int status = stream ? 0 : -1;

    for (size_t i = 0; !status && i < count; i++)
        if (json_dumpf(lines[i], stream, flags) || fputc('\n', stream) == EOF)
            status = -1;
    if (stream && fclose(stream))
        status = -1;
    return status;
}

int json_file_save(const char *path, json_t *const *lines, size_t count, size_t flags, struct error *error)
{
    struct output_file *file;

    for (size_t i = 0; i < count; i++)
        if (!lines[i])
            return error_set(error, ERROR_IO, "cannot put '%.200s' together", path);
    if (output_file_open(&file, path, error))
        return -1;
    if (write_lines(file, lines, count, flags)) {
        error_set_errno(error, errno, "cannot write '%.200s'", path);
        output_file_abort(&file);
        return -1;
    }
    return output_file_commit(&file, NULL, error);
}

json_t *json_file_load(const char *path, int64_t max)
{
    FILE *file = output_file_read_notes(path);
    struct stat facts;
    json_t *json = NULL;

    if (file && fstat(fileno(file), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size <= max)
        json = json_loadf(file, JSON_REJECT_DUPLICATES, NULL);
    if (file)
        fclose(file);
    return json;
}
