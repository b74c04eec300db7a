#include "th-fetch/transfer/part_note.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/output/json_file.h"
#include "th-fetch/transfer/response.h"

enum { NOTE_BYTES_MAX = 256 * 1024 };

static bool same_text(const json_t *json, const char *name, const char *text)
{
    const char *noted = json_string_value(json_object_get(json, name));

    return text ? noted && strcmp(noted, text) == 0 : !noted;
}

void part_note_read(struct part_note *note, const char *path)
{
    json_t *json = json_file_load(path, NOTE_BYTES_MAX);
    const char *validator = json_string_value(json_object_get(json, "validator"));
    const json_t *total = json_object_get(json, "bytes");

    /* It goes into a header of the next request, whoever wrote the note. */
    if (validator && response_is_validator(validator) && same_text(json, "source", note->source) &&
        same_text(json, "format", note->format)) {
        note->validator = strdup(validator);
        note->total = json_is_integer(total) && json_integer_value(total) >= 0 ? json_integer_value(total) : -1;
    }
    json_decref(json);
}

int part_note_write(const struct part_note *note, const char *path, struct error *error)
{
    json_t *json = json_pack("{s:s, s:s*, s:s*, s:I}", "source", note->source, "format", note->format, "validator",
                             note->validator, "bytes", (json_int_t)note->total);
    int status = json_file_save(path, &json, 1, JSON_COMPACT, error);

    json_decref(json);
    return status;
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
