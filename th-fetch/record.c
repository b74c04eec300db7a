#include "th-fetch/record.h"

#include <unistd.h>

#include "common/stage/record.h"
#include "th-fetch/steps/step.h"

static void add_answer(json_t **record, const struct item *item)
{
    const struct answer *answer = item->answer;

    if (!answer)
        return;
    const char *video = item->is_sound_alone ? record_text(item->silent, "format") : answer->media.format;
    if (video && answer->audio.format)
        record_add(record, json_pack("{s:s++}", "format", video, "+", answer->audio.format));
    else
        record_add(record, json_pack("{s:s*}", "format", video));
    record_add(record, json_pack("{s:s*, s:s*, s:s*, s:s*}", "title", answer->title, "uploader", answer->uploader,
                                 "license", answer->license, "upload_date", answer->upload_date));
}

static void add_time(json_t **record, const char *name, time_t time)
{
    struct tm when;
    char text[sizeof "2026-01-01T00:00:00Z"] = "";

    if (time != 0 && gmtime_r(&time, &when) && strftime(text, sizeof text, "%FT%TZ", &when) > 0)
        record_add(record, json_pack("{s:s}", name, text));
}

static void add_listed_height(json_t **record, const struct item *item)
{
    if (item->listed_height > 0)
        record_add(record, json_pack("{s:I}", "listed_height", (json_int_t)item->listed_height));
}

json_t *fetch_record_ok(const struct item *item, const struct probe_result *probe, bool cached)
{
    json_t *record = record_ok(STAGE_FETCH, KIND_VIDEO, item->input.id, item->path, cached);

    record_add(&record, json_pack("{s:s, s:I}", "url", item->input.shown_url, "bytes", (json_int_t)probe->bytes));
    if (probe->sha256[0])
        record_add(&record, json_pack("{s:s}", "sha256", probe->sha256));
    record_add(&record, json_pack("{s:i, s:i}", "width", probe->width, "height", probe->height));
    if (probe->fps > 0)
        record_add(&record, json_pack("{s:f}", "fps", probe->fps));
    add_listed_height(&record, item);
    add_answer(&record, item);
    add_time(&record, "retrieved", item->retrieved);
    if (item->whole && item->steps->settings->needed && !cached)
        record_add(&record, json_pack("{s:s}", "whole", item->whole));
    return record;
}

json_t *fetch_record_known(const struct item *item, const json_t *known)
{
    json_t *record = record_ok(STAGE_FETCH, KIND_VIDEO, item->input.id, item->path, true);

    if (record && json_object_update_missing(record, (json_t *)known) < 0) {
        json_decref(record);
        return NULL;
    }
    add_listed_height(&record, item);
    return record;
}

json_t *fetch_record_discarded(const struct item *item, const json_t *known)
{
    json_t *record = fetch_record_known(item, known);

    if (record)
        json_object_del(record, "path");
    record_add(&record, json_pack("{s:b}", "discarded", 1));
    return record;
}

json_t *fetch_record_checked(const struct item *item)
{
    const char *path = access(item->path, F_OK) == 0          ? item->path
                       : access(item->needed_path, F_OK) == 0 ? item->needed_path
                                                              : NULL;
    json_t *record = record_ok(STAGE_FETCH, KIND_VIDEO, item->input.id, path, true);

    record_add(&record, json_pack("{s:s}", "url", item->input.shown_url));
    add_answer(&record, item);
    add_time(&record, "retrieved", item->retrieved);
    add_time(&record, "checked", item->checked);
    return record;
}

json_t *fetch_record_not_ok(const struct item *item, const struct error *error, bool was_tried)
{
    json_t *record =
        record_not_ok(STAGE_FETCH, KIND_VIDEO, item->input.id, was_tried ? STATUS_FAILED : STATUS_SKIPPED, error);
    record_add(&record, json_pack("{s:s}", "url", item->input.shown_url));
    add_time(&record, "checked", item->checked);
    return record;
}

void fetch_record_blame(json_t **record, const struct error *error)
{
    int retry = error_word_class(error->word) != ERROR_CLASS_PERMANENT;

    record_add(record, json_pack("{s:s, s:b, s:s}", "error", error_word_name(error->word), "retry", retry, "message",
                                 error->message));
}
