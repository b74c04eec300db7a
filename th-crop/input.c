#include "th-crop/input.h"

#include <string.h>

#include "common/cut/chunk_range.h"
#include "common/name.h"
#include "common/stage/record.h"
#include "th-crop/record.h"

static int no_memory(struct error *error)
{
    return error_set(error, ERROR_IO, "out of memory");
}

static int read_row(struct crop *crop, const char *row, struct error *error)
{
    char name[NAME_CHUNK_MAX + 1];
    struct plan_chunk *chunk;
    struct tube tube;

    if (tube_parse(row, name, &tube, error))
        return -1;
    chunk = plan_chunk(crop->plan, name);
    if (!chunk || !plan_add_tube(crop->plan, chunk, &tube, PLAN_ROW))
        return no_memory(error);
    return 0;
}

/* The error of a record that is not ok, which becomes that of its tubes. */
static struct refusal read_refusal(const json_t *record, const struct record_head *head)
{
    const char *message = record_text(record, "message");
    struct refusal refusal = {.status = STATUS_SKIPPED};

    error_set(&refusal.error, head->error ? head->error : ERROR_IO, "%s",
              message ? message : error_word_sentence(head->error ? head->error : ERROR_IO));
    return refusal;
}

/* The member "range" of a record (borrowed), NULL when it has none. 0, or -1 and error when it is invalid. */
static int read_range(const json_t *record, json_t **json, struct error *error)
{
    struct chunk_range range;

    *json = json_object_get(record, "range");
    return *json ? chunk_range_from_json(&range, *json, error) : 0;
}

static int read_chunk(struct crop *crop, json_t *record, const struct record_head *head, struct error *error)
{
    struct refusal refusal = read_refusal(record, head);
    struct plan_chunk *chunk;
    json_t *range;

    if (!name_chunk_id(head->key, NULL))
        return error_set(error, ERROR_BAD_ID, "the chunk's key is \"%s\"; expected a video id, `_` and a number",
                         head->key);
    if (read_range(record, &range, error))
        return -1;
    chunk = plan_chunk(crop->plan, head->key);
    if (!chunk)
        return no_memory(error);
    if (head->status == STATUS_OK) {
        const char *path = range && !head->path ? record_text(record, "source") : head->path;
        json_t *lineage = crop_record_lineage(record);
        int status = plan_chunk_came(crop->plan, chunk, path, head->path ? NULL : range, lineage, error);

        chunk->is_discarded = !path && json_is_true(json_object_get(record, "discarded"));
        if (head->path)
            chunk->frames = json_integer_value(json_object_get(record, "frames"));
        json_decref(lineage);
        return status;
    }
    if (plan_chunk_refused(crop->plan, chunk, &refusal, error))
        return -1;
    stage_emit(crop->stage, json_incref(record));
    return 0;
}

static int read_video(struct crop *crop, json_t *record, const struct record_head *head, struct error *error)
{
    struct refusal refusal = read_refusal(record, head);

    if (head->status == STATUS_OK && head->stage == STAGE_FETCH)
        return error_set(error, ERROR_IO, "the video %s has not been split into chunks; th-split does that", head->key);
    if (head->status == STATUS_OK)
        return plan_video_complete(crop->plan, head->key, error);
    if (plan_video_refused(crop->plan, head->key, &refusal, error))
        return -1;
    stage_emit(crop->stage, json_incref(record));
    return 0;
}

/* The chunk and the tube of a clip record. H and W come from its member "tube" if it has one: the key does not say
 * them. */
static int parse_clip(const json_t *record, const struct record_head *head, char *chunk, struct tube *tube,
                      struct error *error)
{
    struct tube named;

    if (tube_from_clip_name(head->key, chunk, tube, error))
        return -1;
    if (!json_object_get(record, "tube"))
        return 0;
    if (record_get_tube(record, &named, error))
        return -1;
    tube->height = named.height;
    tube->width = named.width;
    if (memcmp(tube, &named, sizeof named) != 0)
        return error_set(error, ERROR_BAD_TUBE, "the record's \"tube\" is not the one that its key \"%s\" names",
                         head->key);
    return 0;
}

/* A clip record of a former run. An ok one is passed on unless its tube has a record already; others are tried again.
 */
static int read_clip(struct crop *crop, json_t *record, const struct record_head *head, struct error *error)
{
    enum plan_source source = head->stage == STAGE_VERIFY ? PLAN_VERIFY : PLAN_CROP;
    struct refusal refusal = read_refusal(record, head);
    char name[NAME_CHUNK_MAX + 1];
    struct plan_chunk *chunk;
    struct plan_request *request;
    struct tube tube;
    json_t *lineage, *range;
    int status;

    if (parse_clip(record, head, name, &tube, error) || read_range(record, &range, error))
        return -1;
    chunk = plan_chunk(crop->plan, name);
    request = chunk ? plan_add_tube(crop->plan, chunk, &tube, source) : NULL;
    if (!request)
        return no_memory(error);
    if (head->status == STATUS_OK) {
        if (plan_request_is_pending(request) && !request->is_forced) {
            stage_emit(crop->stage, json_incref(record));
            plan_request_recorded(request, 1, false);
        }
        return 0;
    }
    request->is_forced |= source == PLAN_VERIFY && head->status == STATUS_FAILED;
    if (head->status == STATUS_SKIPPED && head->error != ERROR_DRY_RUN &&
        plan_remember(crop->plan, request, &refusal.error))
        return no_memory(error);
    lineage = crop_record_lineage(record);
    status = plan_describe(chunk, record_text(record, "source"), range, lineage);
    json_decref(lineage);
    return status ? no_memory(error) : 0;
}

static int read_record(struct crop *crop, json_t *record, struct error *error)
{
    struct record_head head;

    if (record_read_head(record, &head, error))
        return -1;
    switch (head.kind) {
    case KIND_VIDEO:
        return read_video(crop, record, &head, error);
    case KIND_CHUNK:
        return read_chunk(crop, record, &head, error);
    default:
        return read_clip(crop, record, &head, error);
    }
}

void crop_input_read(void *self, const struct manifest_line *line)
{
    struct crop *crop = self;
    struct error error;

    if (line->record ? read_record(crop, line->record, &error) : read_row(crop, line->text, &error))
        stage_bad_line(crop->stage, line->file, line->number, &error);
}
