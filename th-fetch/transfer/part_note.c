#include "th-fetch/transfer/part_note.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/cut/partial_file.h"
#include "common/output/json_file.h"
#include "th-fetch/transfer/response.h"

static bool same_text(const json_t *json, const char *name, const char *text)
{
    const char *noted = json_string_value(json_object_get(json, name));

    return text ? noted && strcmp(noted, text) == 0 : !noted;
}

static int64_t read_number(const json_t *json, const char *name, int64_t otherwise)
{
    const json_t *number = json_object_get(json, name);

    return json_is_integer(number) && json_integer_value(number) >= 0 ? json_integer_value(number) : otherwise;
}

void part_note_read(struct part_note *note, const char *path)
{
    json_t *json = json_file_load(path, PARTIAL_FILE_NOTE_BYTES_MAX);
    const char *validator = json_string_value(json_object_get(json, "validator"));

    /* Checked again, because it goes into a header of the next request. */
    if (validator && response_is_validator(validator) && same_text(json, "source", note->source) &&
        same_text(json, "format", note->format)) {
        note->validator = strdup(validator);
        note->total = read_number(json, "bytes", -1);
        if (note->is_partial && byte_ranges_from_json(&note->ranges, json_object_get(json, "ranges")))
            note->requests = read_number(json, "requests", 0);
    }
    json_decref(json);
}

static bool set_ranges(const struct part_note *note, json_t *json)
{
    return json_object_set_new(json, "requests", json_integer(note->requests)) == 0 &&
           json_object_set_new(json, "ranges", byte_ranges_to_json(&note->ranges)) == 0;
}

int part_note_write(const struct part_note *note, const char *path, struct error *error)
{
    json_t *json = json_pack("{s:s, s:s*, s:s*, s:I}", "source", note->source, "format", note->format, "validator",
                             note->validator, "bytes", (json_int_t)note->total);
    json_t *whole = json && (!note->is_partial || set_ranges(note, json)) ? json : NULL;
    int status = json_file_save(path, &whole, 1, JSON_COMPACT, error);

    json_decref(json);
    return status;
}

void part_note_forget(struct part_note *note)
{
    free(note->validator);
    note->validator = NULL;
    note->total = -1;
    byte_ranges_clear(&note->ranges);
}

void part_note_clear(struct part_note *note)
{
    free(note->source);
    free(note->format);
    free(note->validator);
    byte_ranges_clear(&note->ranges);
    *note = (struct part_note){.total = -1};
}
