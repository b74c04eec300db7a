/* The sound of a video that is there already and has none: it is downloaded alone and joined to the video. When it
 * cannot be had, the video stays as it is, and its record says so. */
#include "common/stage/record.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/steps/step.h"

bool steps_want_sound(const struct steps *steps, const struct item *item, bool has_sound, const json_t *record)
{
    bool was_asked = json_is_false(json_object_get(record, "sound"));

    return steps->settings->audio && !has_sound && !was_asked && !item->input.is_direct && !item_is_link(item);
}

void steps_begin_sound(struct steps *steps, struct item *item, json_t *record)
{
    struct error error;

    item->silent = record;
    item->step = ITEM_RESOLVE;
    if (!steps->settings->common.dry_run)
        return;
    error_set(&error, ERROR_DRY_RUN, "its sound would be downloaded from %.300s", item->input.shown_url);
    steps_finish_not_ok(steps, item, &error, false);
}

json_t *steps_silent_record(const struct item *item, const struct error *error)
{
    json_t *record = item->silent ? json_copy(item->silent) : NULL;

    if (record)
        record_add(&record, json_pack("{s:b, s:s}", "sound", 0, "note", error->message));
    return record;
}

void steps_keep_silent(struct steps *steps, const json_t *record)
{
    const char *id = record_text(record, "key"), *path = record_text(record, "path");
    struct error error;

    if (record && index_save(steps->settings->common.output, id, path, record, &error) < 0)
        console_say(steps->console, CONSOLE_WARNING, "%s", error.message);
}
