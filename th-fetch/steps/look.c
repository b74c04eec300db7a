/* The step that looks at a file that is there already. */
#include <string.h>

#include "common/stage/record.h"
#include "th-fetch/record.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/steps/step.h"

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    bool is_same;

    if (!steps_count_file(steps, item))
        return STEP_WAITS;
    json_t *kept = index_load(steps->settings->common.output, item->input.id, item->path, &is_same);
    bool is_hashed = kept && !is_same && record_text(kept, "sha256") && !steps->settings->no_hash;

    (void)error;
    json_decref(kept);
    item->job = (struct fetch_job){.file = {.path = item->path, .is_hashed = is_hashed}};
    return STEP_STARTED;
}

/* Keeps the record for the file's present time, so that the next run need not hash it again. */
static void renew_index(const struct steps *steps, const struct item *item, const json_t *record)
{
    const char *dir = steps->settings->common.output;
    struct error error;

    if (record && !steps->settings->common.dry_run && index_save(dir, item->input.id, item->path, record, &error) < 0)
        console_say(steps->console, CONSOLE_WARNING, "%s", error.message);
}

/* The record of the video: the kept one of its download, when the file is still the same, or else what the look found.
 * Times get lost when a folder is copied. Then the hash decides; without one, the size does. */
static json_t *record_of(const struct steps *steps, const struct item *item, const struct probe_result *result)
{
    bool is_same;
    json_t *record, *kept = index_load(steps->settings->common.output, item->input.id, item->path, &is_same);
    const char *sha256 = record_text(kept, "sha256");
    bool is_hashed = *result->sha256;

    if (kept && is_hashed && (!sha256 || strcmp(sha256, result->sha256) != 0)) {
        json_decref(kept);
        kept = NULL;
    }
    if (kept && !is_same && !is_hashed)
        json_object_del(kept, "sha256"); /* nothing says that it is still right */
    record = kept ? fetch_record_known(item, kept) : fetch_record_ok(item, result, true);
    if (is_hashed)
        renew_index(steps, item, kept ? kept : record);
    json_decref(kept);
    return record;
}

/* Ends the item with its record, unless its sound is to be downloaded. */
static void take_cached(struct steps *steps, struct item *item, const struct probe_result *result)
{
    json_t *record = record_of(steps, item, result);
    bool has_credit = steps->credits && credits_know(steps->credits, item->input.id);
    struct error error;

    if (!has_credit && steps_credit(steps, record, &error) < 0) {
        json_decref(record);
        steps_fail(steps, item, &error, ITEM_LOOK);
        return;
    }
    if (steps_want_sound(steps, item, result->has_sound, record))
        steps_begin_sound(steps, item, record);
    else
        steps_finish_video(steps, item, record);
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    struct probe_result result;

    fetch_job_read_report(item->report, fault, &result);
    if (result.error.word == ERROR_NONE &&
        height_check(&steps->min_height, result.height, item->listed_height, &result.error) == 0) {
        take_cached(steps, item, &result);
        return;
    }
    if (item_is_link(item)) {
        struct error error;

        error_set(&error, ERROR_IO, "%.200s is a link to a file that cannot be used (%.200s); remove it first",
                  item->path, result.error.message);
        steps_finish_not_ok(steps, item, &error, true);
        return;
    }
    console_say(steps->console, CONSOLE_WARNING, "%s is there, but cannot be used: %s", item->path,
                result.error.message);
    steps_begin_download(steps, item);
}

bool step_look_discarded(struct steps *steps, struct item *item)
{
    json_t *known = index_load_discarded(steps->settings->common.output, item->input.id), *record;
    struct error error;

    if (!known)
        return false;
    record = fetch_record_discarded(item, known);
    json_decref(known);
    if (steps->credits && !credits_know(steps->credits, item->input.id) && steps_credit(steps, record, &error) < 0)
        console_say(steps->console, CONSOLE_WARNING, "%s", error.message);
    steps_finish(steps, item, record);
    return true;
}

const struct step step_look = {
    .start = start,
    .job = {.work = fetch_job_run, .access = fetch_job_access, .order = fetch_job_order, .serve = fetch_job_serve},
    .ended = ended};
