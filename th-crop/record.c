#include "th-crop/record.h"

#include <stdlib.h>
#include <string.h>

#include "common/name.h"
#include "th-crop/plan/clip_target.h"
#include "th-crop/schedule.h"

json_t *crop_record_lineage(const json_t *record)
{
    static const char *const inherited[] = {"url", "title", "uploader", "license", NULL};
    json_t *lineage = json_object();

    record_copy(&lineage, record, inherited);
    if (lineage && json_object_size(lineage) == 0) {
        json_decref(lineage);
        lineage = NULL;
    }
    return lineage;
}

static void add_origin(json_t **record, const struct clip_origin *origin, const struct tube *tube)
{
    record_add(record, json_pack("{s:s%, s:s}", "video", origin->chunk, name_chunk_id(origin->chunk, NULL), "chunk",
                                 origin->chunk));
    if (origin->source)
        record_add(record, json_pack("{s:s}", "source", origin->source));
    if (origin->source && origin->range)
        record_add(record, json_pack("{s:O}", "range", origin->range));
    if (origin->is_discarded)
        record_add(record, json_pack("{s:b}", "discarded", 1));
    record_add(record, json_pack("{s:o}", "tube", record_from_tube(tube)));
}

/* The options that make the clip differ from its tube and the defaults. */
static void add_settings(json_t **record, const struct output_settings *settings)
{
    const struct filter_settings *filter = &settings->filter;

    if (filter->width)
        record_add(record, json_pack("{s:{s:I, s:I, s:s}}", "scale", "width", (json_int_t)filter->width, "height",
                                     (json_int_t)filter->height, "fit", fit_names[filter->fit]));
    if (filter->fps.num)
        record_add(record, json_pack("{s:f}", "fps", av_q2d(filter->fps)));
    if (filter->format)
        record_add(record, json_pack("{s:s}", "pix_fmt", filter->format));
    if (settings->trim)
        record_add(record, json_pack("{s:I}", "trim", (json_int_t)settings->trim));
    if (settings->images != IMAGES_NONE)
        record_add(record, json_pack("{s:s}", "images", image_names[settings->images]));
    else if (strcmp(settings->encoder.encoder, crop_defaults.output.encoder.encoder) != 0)
        record_add(record, json_pack("{s:s}", "encoder", settings->encoder.encoder));
}

json_t *crop_record_ok(const struct clip_origin *origin, const struct tube *tube, const struct clip_facts *facts)
{
    char name[NAME_CLIP_MAX + 1];
    json_t *record;

    tube_clip_name(origin->chunk, tube, name);
    record = record_ok(STAGE_CROP, KIND_CLIP, name, facts->path, facts->cached);
    add_origin(&record, origin, tube);
    if (facts->box)
        record_add(&record, json_pack("{s:{s:i, s:i, s:i, s:i}}", "box", "x", facts->box->x, "y", facts->box->y, "w",
                                      facts->box->w, "h", facts->box->h));
    if (facts->frames >= 0)
        record_add(&record, json_pack("{s:I}", "frames", (json_int_t)facts->frames));
    record_add(&record, json_pack("{s:I}", "bytes", (json_int_t)facts->bytes));
    if (facts->box)
        record_add(&record, json_pack("{s:i, s:i}", "width", facts->width, "height", facts->height));
    add_settings(&record, facts->settings);
    if (facts->settings->sound && facts->sound >= 0)
        record_add(&record, json_pack("{s:b}", "sound", facts->sound));
    if (facts->settings->sound && facts->note && *facts->note)
        record_add(&record, json_pack("{s:s}", "note", facts->note));
    if (origin->lineage)
        record_add(&record, json_copy((json_t *)origin->lineage));
    return record;
}

json_t *crop_record_not_ok(const struct clip_origin *origin, const struct tube *tube, enum record_status status,
                           const struct error *error)
{
    char name[NAME_CLIP_MAX + 1];
    json_t *record;

    tube_clip_name(origin->chunk, tube, name);
    record = record_not_ok(STAGE_CROP, KIND_CLIP, name, status, error);
    add_origin(&record, origin, tube);
    if (origin->lineage)
        record_add(&record, json_copy((json_t *)origin->lineage));
    return record;
}

struct clip_origin crop_record_origin(const struct plan_chunk *chunk, const char *source)
{
    bool is_ranged = source && chunk->range && !strcmp(source, chunk->source);

    return (struct clip_origin){.chunk = chunk->name,
                                .source = source,
                                .is_discarded = !source && chunk->is_discarded,
                                .range = is_ranged ? chunk->range : NULL,
                                .lineage = chunk->video->lineage};
}

void crop_record_emit(struct crop *crop, struct plan_request *request, json_t *record, bool is_final)
{
    uint32_t copies = plan_request_records(request);
    struct record_head head;
    struct error error;

    if (!copies && record && (record_read_head(record, &head, &error) || head.status != STATUS_OK))
        copies = 1;
    for (uint32_t i = 0; i < copies; i++)
        stage_emit(crop->stage, json_incref(record));
    json_decref(record);
    plan_request_recorded(request, copies, is_final);
}

void crop_record_emit_not_ok(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                             struct plan_request *request, enum record_status status, const struct error *error)
{
    struct clip_origin origin = crop_record_origin(chunk, source);

    crop_record_emit(crop, request, crop_record_not_ok(&origin, &request->tube, status, error), true);
}

/* Records a clip that exists and may stay. False when there is none, or it must be made again. */
static bool emit_cached(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                        struct plan_request *request)
{
    struct clip_origin origin = crop_record_origin(chunk, source);
    struct clip_facts facts = {.settings = &crop->settings->output,
                               .cached = true,
                               .sound = -1,
                               .frames = clip_target_frames(&crop->settings->output, &request->tube)};
    char *path = clip_target_path(crop->settings->common.output, &crop->settings->output, chunk->name, &request->tube);
    bool may_stay = path && !crop->settings->common.force && !request->is_forced &&
                    clip_target_exists(crop->settings, path, &facts.bytes);

    facts.path = path;
    if (may_stay)
        crop_record_emit(crop, request, crop_record_ok(&origin, &request->tube, &facts), false);
    free(path);
    return may_stay;
}

void crop_record_refused(struct crop *crop, const struct plan_chunk *chunk, const char *source,
                         const struct refusal *refusal, bool uses_former)
{
    for (struct plan_request *request = chunk->requests; request; request = request->next) {
        const struct refusal *why = uses_former && request->before ? request->before : refusal;

        if (plan_request_is_pending(request) && !emit_cached(crop, chunk, source, request))
            crop_record_emit_not_ok(crop, chunk, source, request, why->status, &why->error);
    }
}

void crop_record_unmakeable(struct crop *crop, const struct plan_chunk *chunk)
{
    struct clip_origin origin = crop_record_origin(chunk, NULL);
    struct error error;
    struct tube trimmed;

    for (struct plan_request *request = chunk->requests; request; request = request->next)
        for (; request->clashes; request->clashes--) {
            error_set(&error, ERROR_BAD_TUBE,
                      "another row names the same clip for pictures of %dx%d; the name of a clip does not tell them "
                      "apart",
                      request->tube.width, request->tube.height);
            stage_emit(crop->stage, crop_record_not_ok(&origin, &request->tube, STATUS_FAILED, &error));
        }
    for (struct plan_request *request = chunk->requests; request; request = request->next)
        if (plan_request_is_pending(request) && clip_target_trim(crop->settings, &request->tube, &trimmed, &error))
            crop_record_emit_not_ok(crop, chunk, chunk->source, request, STATUS_SKIPPED, &error);
}
