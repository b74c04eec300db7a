/* The step that looks through what has come, joins the sound to it, and gives it its name. */
#include "th-fetch/record.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/steps/step.h"

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    /* The parts stay as they are until the joined file has its name. */
    if (item->silent && output_file_open(&item->joined, item->path, error) < 0)
        return STEP_FAILED;
    item->job = (struct fetch_job){.file = {.path = part_path(item->silent ? item->silent : item->part),
                                            .is_thorough = true,
                                            .has_no_hash = steps->settings->no_hash},
                                   .from = item->copy_from,
                                   .audio = item->silent ? part_path(item->part) : NULL,
                                   .joined = item->joined};
    return STEP_STARTED;
}

/* Writes credit and index of the video that is about to get its name. */
static int keep_record(struct steps *steps, struct item *item, const json_t *record, struct error *error)
{
    const char *file = item->joined ? output_file_temporary(item->joined) : part_path(item->part);

    if (steps_credit(steps, record, error) < 0)
        return -1;
    return item->answer ? index_save(steps->settings->common.output, item->input.id, file, record, error) : 0;
}

/* Gives what was downloaded its name. */
static int name_video(struct item *item, struct error *error)
{
    if (!item->joined)
        return part_finish(item->part, error);
    if (output_file_commit(&item->joined, NULL, error) < 0)
        return -1;
    part_discard(item->silent);
    part_discard(item->part);
    return 0;
}

/* Keeps the video. Its credit is written first, for no video may be there without its credit. */
static int keep(struct steps *steps, struct item *item, const struct probe_result *result, struct error *error)
{
    json_t *record = fetch_record_ok(item, result, false);

    if ((record && keep_record(steps, item, record, error) < 0) || name_video(item, error) < 0) {
        json_decref(record);
        return -1;
    }
    steps_finish_video(steps, item, record);
    return 0;
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    struct probe_result result;

    fetch_job_read_report(item->report, fault, &result);
    if (result.error.word == ERROR_NONE && keep(steps, item, &result, &result.error) == 0)
        return;
    if (result.error.word == ERROR_BAD_MEDIA) { /* the next download must not continue it */
        part_discard(item->part);
        if (item->silent)
            part_discard(item->silent);
    }
    item_close_parts(item);
    steps_fail(steps, item, &result.error, item->answer && item->answer->path ? ITEM_RESOLVE : ITEM_DOWNLOAD);
}

const struct step step_probe = {
    .start = start, .job = {.work = fetch_job_run, .order = fetch_job_order, .serve = fetch_job_serve}, .ended = ended};
