#include "common/stage/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const stage_names[] = {"fetch", "split", "crop", "verify"};
static const char *const kind_names[] = {"video", "chunk", "clip"};
static const char *const status_names[] = {"ok", "failed", "skipped"};

const char *record_stage_text(enum stage_name stage)
{
    return stage_names[stage];
}

const char *record_kind_text(enum record_kind kind)
{
    return kind_names[kind];
}

const char *record_status_text(enum record_status status)
{
    return status_names[status];
}

static json_t *new_record(enum stage_name stage, enum record_kind kind, const char *key, enum record_status status)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "stage", stage_names[stage], "kind", kind_names[kind], "key", key,
                     "status", status_names[status]);
}

json_t *record_ok(enum stage_name stage, enum record_kind kind, const char *key, const char *path, bool cached)
{
    json_t *record = new_record(stage, kind, key, STATUS_OK);

    if (path)
        record_add(&record, json_pack("{s:s}", "path", path));
    if (cached)
        record_add(&record, json_pack("{s:b}", "cached", 1));
    return record;
}

json_t *record_not_ok(enum stage_name stage, enum record_kind kind, const char *key, enum record_status status,
                      const struct error *error)
{
    json_t *record = new_record(stage, kind, key, status);
    bool verdict = stage == STAGE_VERIFY && status == STATUS_FAILED;
    int retry = verdict || error_word_class(error->word) != ERROR_CLASS_PERMANENT;

    record_add(&record, json_pack("{s:s, s:b, s:s}", "error", error_word_name(error->word), "retry", retry, "message",
                                  error->message));
    return record;
}

void record_add(json_t **record, json_t *members)
{
    if (*record && members && !json_object_update(*record, members)) {
        json_decref(members);
        return;
    }
    json_decref(*record);
    json_decref(members);
    *record = NULL;
}

void record_copy(json_t **record, const json_t *from, const char *const *names)
{
    for (; *names && *record; names++) {
        json_t *member = json_object_get(from, *names);

        if (member && json_object_set(*record, *names, member)) {
            json_decref(*record);
            *record = NULL;
        }
    }
}

const char *record_text(const json_t *record, const char *name)
{
    return json_string_value(json_object_get(record, name));
}

/* The index in `names` of the string of member `name`, or -1 and error. */
static int read_word(const json_t *record, const char *name, const char *const *names, int count, struct error *error)
{
    const char *text = record_text(record, name);

    for (int i = 0; text && i < count; i++)
        if (!strcmp(names[i], text))
            return i;
    if (!text)
        return error_set(error, ERROR_IO, "the record has no text \"%s\"", name);
    return error_set(error, ERROR_IO, "the record's \"%s\" is \"%.60s\", which is none of the manifest's words", name,
                     text);
}

int record_read_head(const json_t *record, struct record_head *head, struct error *error)
{
    int stage = read_word(record, "stage", stage_names, STAGE_NAME_COUNT, error);
    int kind = stage < 0 ? -1 : read_word(record, "kind", kind_names, KIND_COUNT, error);
    int status = kind < 0 ? -1 : read_word(record, "status", status_names, STATUS_COUNT, error);
    const json_t *path = json_object_get(record, "path");

    if (status < 0)
        return -1;
    *head = (struct record_head){.stage = (enum stage_name)stage,
                                 .kind = (enum record_kind)kind,
                                 .status = (enum record_status)status,
                                 .key = record_text(record, "key"),
                                 .path = json_string_value(path),
                                 .cached = json_is_true(json_object_get(record, "cached")),
                                 .error = error_word_from_name(record_text(record, "error")),
                                 .retry = json_is_true(json_object_get(record, "retry"))};
    if (!head->key)
        return error_set(error, ERROR_IO, "the record has no text \"key\"");
    if (path && (!head->path || !*head->path))
        return error_set(error, ERROR_IO, "the record's \"path\" is not a text or is empty");
    return kind == KIND_VIDEO ? name_check_id(head->key, error) : name_check(head->key, error);
}

json_t *record_from_tube(const struct tube *tube)
{
    struct tube copy = *tube;
    json_t *object = json_object();

    for (int i = 0; i < TUBE_NUMBERS && object; i++)
        if (json_object_set_new(object, tube_number_name(i), json_integer(*tube_number(&copy, i)))) {
            json_decref(object);
            object = NULL;
        }
    return object;
}

int record_get_tube(const json_t *record, struct tube *tube, struct error *error)
{
    const json_t *object = json_object_get(record, "tube");

    if (!json_is_object(object))
        return error_set(error, ERROR_BAD_TUBE, "the record has no \"tube\"");
    for (int i = 0; i < TUBE_NUMBERS; i++) {
        const json_t *member = json_object_get(object, tube_number_name(i));
        json_int_t value = json_integer_value(member);

        if (!json_is_integer(member) || value < 0 || value > INT32_MAX)
            return error_set(error, ERROR_BAD_TUBE,
                             "%s of the record's \"tube\" is not a whole number from 0 to %" PRId32,
                             tube_number_name(i), INT32_MAX);
        *tube_number(tube, i) = (int32_t)value;
    }
    return 0;
}
