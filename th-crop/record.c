#include "th-crop/record.h"

#include <string.h>

#include "common/name.h"

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
    record_add(record, json_pack("{s:o}", "tube", record_from_tube(tube)));
}

/* In what the clip is not as its tube and the defaults say. */
static void add_settings(json_t **record, const struct output_settings *settings)
{
    const struct filter_settings *filter = &settings->filter;

    if (filter->width)
        record_add(record, json_pack("{s:{s:I, s:I, s:s}}", "scale", "width", (json_int_t)filter->width, "height",
                                     (json_int_t)filter->height, "fit", fit_names[filter->fit]));
    if (filter->fps.num)
        record_add(record, json_pack("{s:f}", "fps", av_q2d(filter->fps)));
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
