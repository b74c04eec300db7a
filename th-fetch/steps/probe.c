/* The step that joins the sound, checks the whole file and renames it to ID.mp4. */
#include <inttypes.h>

#include "th-fetch/record.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/steps/step.h"

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    /* The parts stay as they are until the joined file has its name. */
    if (item->video_part && output_file_open(&item->joined, item->path, error) < 0)
        return STEP_FAILED;
    item->job = (struct fetch_job){.file = {.path = part_path(item->video_part ? item->video_part : item->part),
                                            .is_thorough = true,
                                            .has_no_hash = steps->settings->no_hash},
                                   .from = item->copy_from,
                                   .audio = item->video_part ? part_path(item->part) : NULL,
                                   .joined = item->joined};
    return STEP_STARTED;
}

/* Writes credit and index of the video before it gets its name. */
static int keep_record(struct steps *steps, struct item *item, const json_t *record, struct error *error)
{
    const char *file = item->joined ? output_file_temporary(item->joined) : part_path(item->part);

    if (steps_credit(steps, record, error) < 0)
        return -1;
    return item->answer ? index_save(steps->settings->common.output, item->input.id, file, record, error) : 0;
}

/* Renames what was downloaded, or joined, to ID.mp4. */
static int name_video(struct item *item, struct error *error)
{
    if (!item->joined)
        return part_finish(item->part, error);
    if (output_file_commit(&item->joined, NULL, error) < 0)
        return -1;
    part_discard(item->video_part);
    part_discard(item->part);
    return 0;
}

/* Warns of a picture that the user may not want. */
static void tell_quality(const struct steps *steps, const struct item *item, const struct probe_result *result)
{
    if (height_is_lower(result->height, item->listed_height))
        console_say(steps->console, CONSOLE_WARNING,
                    "%s: the picture is %d pixels high; the tube list was made from one of %" PRId64, item->input.id,
                    result->height, item->listed_height);
    if (item->answer && answer_is_upscaled(item->answer))
        console_say(steps->console, CONSOLE_WARNING, "%s: the format %s is a small picture that software has enlarged",
                    item->input.id, item->answer->media.format);
}

/* Keeps the video. Its credit is written first, so that no video is there without its credit. */
static int keep(struct steps *steps, struct item *item, const struct probe_result *result, struct error *error)
{
    json_t *record = fetch_record_ok(item, result, false);

    if ((record && keep_record(steps, item, record, error) < 0) || name_video(item, error) < 0) {
        json_decref(record);
        return -1;
    }
    tell_quality(steps, item, result);
    steps_finish_video(steps, item, record);
    return 0;
}

static int check_and_keep(struct steps *steps, struct item *item, struct probe_result *result)
{
    if (height_check(&steps->min_height, result->height, item->listed_height, &result->error) < 0)
        return -1;
    return keep(steps, item, result, &result->error);
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    struct probe_result result;

    fetch_job_read_report(item->report, fault, &result);
    if (result.error.word == ERROR_NONE && check_and_keep(steps, item, &result) == 0)
        return;
    /* The next download must not continue it. */
    if (result.error.word == ERROR_BAD_MEDIA || result.error.word == ERROR_LOW_QUALITY) {
        part_discard(item->part);
        if (item->video_part)
            part_discard(item->video_part);
    }
    item_close_parts(item);
    bool is_moved = item->answer && (item->answer->path || item->answer->media.segments);
    steps_fail(steps, item, &result.error, is_moved ? ITEM_RESOLVE : ITEM_DOWNLOAD);
}

const struct step step_probe = {
    .start = start,
    .job = {.work = fetch_job_run, .access = fetch_job_access, .order = fetch_job_order, .serve = fetch_job_serve},
    .ended = ended};
