#include "th-split/input.h"

#include <stdlib.h>
#include <string.h>

#include "common/name.h"
#include "common/text.h"
#include "th-split/record.h"

void split_input_free(struct split_request *request)
{
    free(request->id);
    free(request->source);
    json_decref(request->credits);
    *request = (struct split_request){0};
}

/* Fills *request with copies; source may be NULL. credits come from the record `from`, which may be NULL. */
static enum split_input_kind ask(struct split_request *request, const char *id, const char *source, const json_t *from,
                                 struct error *error)
{
    if (name_check_id(id, error))
        return SPLIT_INPUT_BAD;
    if (source && !text_is_utf8(source)) {
        error_set(error, ERROR_BAD_ID, "the path %s is not UTF-8", source);
        return SPLIT_INPUT_BAD;
    }
    *request =
        (struct split_request){.id = strdup(id), .source = source ? strdup(source) : NULL, .credits = json_object()};
    if (from)
        record_copy(&request->credits, from, split_record_credits);
    if (request->id && !request->source == !source && request->credits)
        return SPLIT_INPUT_VIDEO;
    split_input_free(request);
    error_set(error, ERROR_IO, "out of memory");
    return SPLIT_INPUT_BAD;
}

/* A path: the id is the file's name without its last extension. */
static enum split_input_kind read_path(const char *path, struct split_request *request, struct error *error)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash + 1 : path, '.');
    char *id = name_from_path(path, dot ? dot : "");
    enum split_input_kind kind = SPLIT_INPUT_BAD;

    if (id)
        kind = ask(request, id, path, NULL, error);
    else
        error_set(error, ERROR_IO, "out of memory");
    free(id);
    return kind;
}

/* A video that th-fetch did not download becomes a skipped record with the same reason. */
static enum split_input_kind skip(const json_t *from, const struct record_head *head, json_t **record,
                                  struct error *error)
{
    static const char *const reason[] = {"retry", NULL}, *const its_word[] = {"error", NULL};
    const char *message = record_text(from, "message"), *word = record_text(from, "error");
    struct error why;

    /* An error word that this version does not know is passed on unchanged. */
    if (!message)
        message = head->error ? error_word_sentence(head->error) : word;
    error_set(&why, head->error ? head->error : ERROR_IO, "not downloaded: %s",
              message && *message ? message : "its record does not say why");
    *record = record_not_ok(STAGE_SPLIT, KIND_VIDEO, head->key, STATUS_SKIPPED, &why);
    record_copy(record, from, reason);
    if (word && *word)
        record_copy(record, from, its_word);
    record_copy(record, from, split_record_credits);
    if (*record)
        return SPLIT_INPUT_RECORD;
    error_set(error, ERROR_IO, "out of memory");
    return SPLIT_INPUT_BAD;
}

static enum split_input_kind pass(json_t *from, json_t **record)
{
    *record = json_incref(from);
    return SPLIT_INPUT_RECORD;
}

static enum split_input_kind read_fetched(json_t *from, const struct record_head *head, struct split_request *request,
                                          json_t **record, struct error *error)
{
    if (head->kind != KIND_VIDEO) {
        error_set(error, ERROR_IO, "a record of th-fetch is of kind \"video\", not \"%s\"", record_text(from, "kind"));
        return SPLIT_INPUT_BAD;
    }
    if (head->status != STATUS_OK)
        return skip(from, head, record, error);
    if (!head->path && !json_is_true(json_object_get(from, "discarded"))) {
        error_set(error, ERROR_IO, "the record of %s is ok and has no \"path\"", head->key);
        return SPLIT_INPUT_BAD;
    }
    return ask(request, head->key, head->path, from, error);
}

/* Records of th-split that are not ok are tried again when they name the source. */
static enum split_input_kind read_own(json_t *from, const struct record_head *head, struct split_request *request,
                                      json_t **record, struct error *error)
{
    const char *source = record_text(from, "source");
    const char *id = head->kind == KIND_VIDEO ? head->key : record_text(from, "video");

    if (head->status == STATUS_OK || !source || !id)
        return pass(from, record);
    return ask(request, id, source, from, error);
}

enum split_input_kind split_input_read(const struct manifest_line *line, struct split_request *request, json_t **record,
                                       struct error *error)
{
    struct record_head head;

    if (!line->record)
        return read_path(line->text, request, error);
    if (record_read_head(line->record, &head, error))
        return SPLIT_INPUT_BAD;
    switch (head.stage) {
    case STAGE_FETCH:
        return read_fetched(line->record, &head, request, record, error);
    case STAGE_SPLIT:
        return read_own(line->record, &head, request, record, error);
    default:
        return pass(line->record, record);
    }
}
