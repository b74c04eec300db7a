#include "th-crop/clip_record.h"

#include "common/name.h"

json_t *clip_lineage(const json_t *record)
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
    record_add(record, json_pack("{s:o}", "tube", record_from_tube(tube)));
}

json_t *clip_record_ok(const struct clip_origin *origin, const struct tube *tube, const struct clip_facts *facts)
{
    char name[NAME_CLIP_MAX + 1];
    json_t *record;

    tube_clip_name(origin->chunk, tube, name);
    record = record_ok(STAGE_CROP, KIND_CLIP, name, facts->path, facts->cached);
    add_origin(&record, origin, tube);
    if (facts->box)
        record_add(&record, json_pack("{s:{s:i, s:i, s:i, s:i}}", "box", "x", facts->box->x, "y", facts->box->y, "w",
                                      facts->box->w, "h", facts->box->h));
    record_add(&record,
               json_pack("{s:I, s:I}", "frames", (json_int_t)tube_frames(tube), "bytes", (json_int_t)facts->bytes));
    if (facts->box)
        record_add(&record, json_pack("{s:i, s:i}", "width", facts->width, "height", facts->height));
    if (origin->lineage)
        record_add(&record, json_copy((json_t *)origin->lineage));
    return record;
}

json_t *clip_record_not_ok(const struct clip_origin *origin, const struct tube *tube, enum record_status status,
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
