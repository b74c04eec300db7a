#include "th-fetch/part_note.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output_file.h"
#include "th-fetch/response.h"

enum { NOTE_BYTES = 256 * 1024 };

static bool same_text(const json_t *json, const char *name, const char *text)
{
    const char *noted = json_string_value(json_object_get(json, name));

    return text ? noted && strcmp(noted, text) == 0 : !noted;
}

/* The validator goes into a header of the next request, whoever wrote the note. */
static bool is_header_text(const char *text)
{
    size_t length = text ? strlen(text) : 0;

    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return length > 0 && length < RESPONSE_TEXT_MAX;
}

void part_note_read(struct part_note *note, const char *path)
{
    json_t *json = NULL;
    struct stat facts;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size <= NOTE_BYTES)
        json = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
    const char *validator = json_string_value(json_object_get(json, "validator"));
    if (is_header_text(validator) && same_text(json, "source", note->source) &&
        same_text(json, "format", note->format)) {
        const json_t *total = json_object_get(json, "bytes");

        note->validator = strdup(validator);
        note->total = json_is_integer(total) && json_integer_value(total) >= 0 ? json_integer_value(total) : -1;
    }
    json_decref(json);
    if (fd >= 0)
        close(fd);
}

int part_note_write(const struct part_note *note, const char *path, struct error *error)
{
    int result = -1;
    struct output_file *file = NULL;
    json_t *json = json_pack("{s:s, s:s*, s:s*, s:I}", "source", note->source, "format", note->format, "validator",
                             note->validator, "bytes", (json_int_t)note->total);

    if (!json)
        return error_set(error, ERROR_IO, "cannot put '%.200s' together", path);
    if (output_file_open(&file, path, error) < 0)
        goto end;
    if (json_dumpfd(json, output_file_fd(file), JSON_COMPACT) < 0) {
        error_set_errno(error, errno, "cannot write '%.200s'", path);
        goto end;
    }
    result = output_file_commit(&file, NULL, error);
end:
    output_file_abort(&file);
    json_decref(json);
    return result;
}

void part_note_forget(struct part_note *note)
{
    free(note->validator);
    note->validator = NULL;
    note->total = -1;
}

void part_note_clear(struct part_note *note)
{
    free(note->source);
    free(note->format);
    free(note->validator);
    *note = (struct part_note){.total = -1};
}
