#include "th-crop/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "th-crop/plan/clip_place.h"
#include "th-crop/plan/select.h"
#include "th-crop/record.h"

struct clip_origin crop_record_origin(const struct plan_chunk *chunk, const char *source)
{
    bool is_ranged = source && chunk->range && !strcmp(source, chunk->source);

    return (struct clip_origin){.chunk = chunk->name,
                                .source = source,
                                .range = is_ranged ? chunk->range : NULL,
                                .lineage = plan_lineage(chunk)};
}

void crop_record_emit(struct crop *crop, struct tube_request *request, json_t *record, bool is_final)
{
    uint32_t copies = tube_request_records(request);
    struct record_head head;
    struct error error;

    if (!copies && record && (record_read_head(record, &head, &error) || head.status != STATUS_OK))
        copies = 1;
    for (uint32_t i = 0; i < copies; i++)
        stage_emit(crop->stage, json_incref(record));
    json_decref(record);
    tube_request_recorded(request, copies, is_final);
}

void crop_record_emit_not_ok(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                             struct tube_request *request, enum record_status status, const struct error *error)
{
    struct clip_origin origin = crop_record_origin(chunk, source);

    crop_record_emit(crop, request, crop_record_not_ok(&origin, &request->tube, status, error), true);
}

static bool is_forced(const struct crop *crop, const struct tube_request *request)
{
    return crop->settings->common.force || request->is_forced;
}

/* Records a clip that is there and may stay. False when it is not, or must be made anew. */
static bool emit_cached(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                        struct tube_request *request)
{
    struct clip_origin origin = crop_record_origin(chunk, source);
    struct clip_facts facts = {.settings = &crop->settings->output,
                               .cached = true,
                               .sound = -1,
                               .frames = clip_frames(&crop->settings->output, &request->tube)};
    char *path = clip_path(crop->settings, chunk->name, &request->tube);
    bool is_there = path && !is_forced(crop, request) && clip_exists(crop->settings, path, &facts.bytes);

    facts.path = path;
    if (is_there)
        crop_record_emit(crop, request, crop_record_ok(&origin, &request->tube, &facts), false);
    free(path);
    return is_there;
}

static void emit_clashes(struct crop *crop, const struct plan_chunk *chunk, struct tube_request *request)
{
    struct clip_origin origin = crop_record_origin(chunk, NULL);
    struct error error;

    error_set(&error, ERROR_BAD_TUBE,
              "another row names the same clip for pictures of %dx%d; the name of a clip does not tell them apart",
              request->tube.width, request->tube.height);
    for (; request->clashes; request->clashes--)
        stage_emit(crop->stage, crop_record_not_ok(&origin, &request->tube, STATUS_FAILED, &error));
}

void crop_record_clashes(struct crop *crop, const struct plan_chunk *chunk)
{
    for (struct tube_request *request = chunk->requests.first; request; request = request->next)
        emit_clashes(crop, chunk, request);
}

void crop_record_left_out(struct crop *crop, const struct plan_chunk *chunk)
{
    struct error error;
    struct tube trimmed;

    for (struct tube_request *request = chunk->requests.first; request; request = request->next)
        if (tube_request_is_pending(request) && select_frames(crop->settings, &request->tube, &trimmed, &error))
            crop_record_emit_not_ok(crop, chunk, chunk->source, request, STATUS_SKIPPED, &error);
}

void crop_record_chunk(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                       const struct refusal *refusal)
{
    for (struct tube_request *request = chunk->requests.first; request; request = request->next)
        if (tube_request_is_pending(request) && !emit_cached(crop, chunk, source, request))
            crop_record_emit_not_ok(crop, chunk, source, request, refusal->status, &refusal->error);
}

void crop_record_missing(struct crop *crop, const struct plan_chunk *chunk)
{
    struct refusal missing = {.status = STATUS_FAILED};

    error_set(&missing.error, ERROR_NO_SUCH_CHUNK, "the chunk %s is not there%s", chunk->name,
              crop->settings->chunks || chunk->source ? "" : ": no record says where it is, and no folder was given");
    for (struct tube_request *request = chunk->requests.first; request; request = request->next) {
        const struct refusal *refusal = request->was_skipped && chunk->before ? chunk->before : &missing;

        if (tube_request_is_pending(request) && !emit_cached(crop, chunk, NULL, request))
            crop_record_emit_not_ok(crop, chunk, NULL, request, refusal->status, &refusal->error);
    }
}
