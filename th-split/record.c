#include "th-split/record.h"

#include "common/name.h"

const char *const split_record_credits[] = {"url", "title", "uploader", "license", NULL};

static void add_picture(json_t **record, const struct split_index *index)
{
    record_add(record, json_pack("{s:i, s:i, s:f}", "width", index->width, "height", index->height, "fps", index->fps));
}

json_t *split_record_chunk(const struct split_request *request, const struct split_index *index, size_t number,
                           const char *path, bool cached)
{
    const struct chunk_facts *chunk = &index->chunks[number];
    char name[NAME_CHUNK_MAX + 1];
    json_t *record;

    split_index_chunk_name(name, request->id, number);
    record = record_ok(STAGE_SPLIT, KIND_CHUNK, name, path, cached);
    record_add(&record, json_pack("{s:I, s:f, s:f}", "frames", (json_int_t)chunk->frames, "start", chunk->start,
                                  "duration", chunk->duration));
    add_picture(&record, index);
    record_add(&record, json_pack("{s:s, s:s*}", "video", request->id, "source", request->source));
    if (!request->source)
        record_add(&record, json_pack("{s:b}", "discarded", 1));
    else if (!path)
        record_add(&record, json_pack("{s:o}", "range", chunk_range_to_json(&chunk->range)));
    record_copy(&record, request->credits, split_record_credits);
    return record;
}

json_t *split_record_video(const struct split_request *request, const struct split_index *index, bool cached)
{
    json_t *record = record_ok(STAGE_SPLIT, KIND_VIDEO, request->id, NULL, cached);

    record_add(&record, json_pack("{s:I}", "chunks", (json_int_t)index->count));
    add_picture(&record, index);
    if (*index->dropped)
        record_add(&record, json_pack("{s:s}", "dropped", index->dropped));
    record_add(&record, json_pack("{s:s*}", "source", request->source));
    if (!request->source)
        record_add(&record, json_pack("{s:b}", "discarded", 1));
    record_copy(&record, request->credits, split_record_credits);
    return record;
}

json_t *split_record_failure(const struct split_request *request, enum record_status status, const struct error *error)
{
    json_t *record = record_not_ok(STAGE_SPLIT, KIND_VIDEO, request->id, status, error);

    record_add(&record, json_pack("{s:s*}", "source", request->source));
    record_copy(&record, request->credits, split_record_credits);
    return record;
}
