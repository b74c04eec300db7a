/* The step that looks at a file that is there already. */
#include "th-fetch/record.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/steps/step.h"

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    (void)steps;
    (void)error;
    item->job = (struct fetch_job){.file = {.path = item->path}};
    return STEP_STARTED;
}

/* Writes the record that the index kept of the download, or else what the look found. */
static void finish_cached(struct steps *steps, struct item *item, const struct probe_result *result)
{
    json_t *known = index_load(steps->settings->common.output, item->input.id, item->path);
    json_t *record = known ? fetch_record_known(item, known) : fetch_record_ok(item, result, true);
    bool has_credit = steps->credits && credits_know(steps->credits, item->input.id);
    struct error error;

    json_decref(known);
    if (!has_credit && steps_credit(steps, record, &error) < 0) {
        json_decref(record);
        steps_fail(steps, item, &error, ITEM_LOOK);
        return;
    }
    steps_finish_video(steps, item, record);
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    struct probe_result result;

    fetch_job_read_report(item->report, fault, &result);
    if (result.error.word == ERROR_NONE &&
        height_check(&steps->min_height, result.height, item->listed_height, &result.error) == 0) {
        finish_cached(steps, item, &result);
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

const struct step step_look = {
    .start = start,
    .job = {.work = fetch_job_run, .access = fetch_job_access, .order = fetch_job_order, .serve = fetch_job_serve},
    .ended = ended};
