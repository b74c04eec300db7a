/* The step that joins the sound, checks the whole file and renames it to ID.mp4. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/stage/record.h"
#include "th-fetch/record.h"
#include "th-fetch/sidecar/index.h"
#include "th-fetch/steps/step.h"

/* The file that the resolver has downloaded itself; NULL: there is none. */
static const char *own_file(const struct item *item)
{
    return item->answer ? item->answer->path : NULL;
}

/* The file that is probed, unless the video is joined with its sound. */
static const char *file_of(const struct item *item)
{
    if (own_file(item) && !item->must_copy)
        return own_file(item);
    if (item->is_sound_alone)
        return item->path;
    return part_path(item->video_part ? item->video_part : item->part);
}

/* Opens the part into which the resolver's own file is copied. */
static int open_copy(struct steps *steps, struct item *item, struct error *error)
{
    struct part_name name = {steps->settings->common.output, item->input.id, ".mp4"};

    if (part_open(&item->part, &name, item->input.shown_url, NULL, error) < 0)
        return -1;
    return part_restart(item->part, NULL, -1, error);
}

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    if (item->must_copy && open_copy(steps, item, error) < 0)
        return STEP_FAILED;
    /* The parts stay as they are until the joined file has its name. */
    bool is_joined = item->video_part || item->is_sound_alone;
    if (is_joined && output_file_open(&item->joined, item->path, error) < 0)
        return STEP_FAILED;
    item->job =
        (struct fetch_job){.file = {.path = file_of(item), .is_thorough = true, .is_hashed = !steps->settings->no_hash},
                           .from = item->must_copy ? own_file(item) : NULL,
                           .audio = is_joined ? part_path(item->part) : NULL,
                           .must_fit = item->is_sound_alone,
                           .joined = item->joined};
    return STEP_STARTED;
}

/* Writes credit and index of the video before it gets its name. */
static int keep_record(struct steps *steps, struct item *item, const json_t *record, struct error *error)
{
    const char *file = item->joined ? output_file_temporary(item->joined) : file_of(item);

    if (steps_credit(steps, record, error) < 0)
        return -1;
    return index_save(steps->settings->common.output, item->input.id, file, record, error);
}

/* Removes the resolver's own file, of which there is a copy now. */
static void remove_own_file(const struct steps *steps, const struct item *item)
{
    if (unlink(own_file(item)) < 0)
        console_say(steps->console, CONSOLE_WARNING, "%s: the resolver's file '%s' cannot be removed: %s",
                    item->input.id, own_file(item), strerror(errno));
}

/* Renames what was downloaded, or joined, to ID.mp4. 0, or -1 and error; 1 when it has to be copied first. */
static int name_video(const struct steps *steps, struct item *item, struct error *error)
{
    if (own_file(item) && !item->must_copy)
        return part_move(own_file(item), steps->settings->common.output, item->path, error);
    if (item->joined) {
        if (output_file_commit(&item->joined, NULL, error) < 0)
            return -1;
        if (item->video_part)
            part_discard(item->video_part);
        part_discard(item->part);
        return 0;
    }
    if (part_finish(item->part, error) < 0)
        return -1;
    if (item->must_copy)
        remove_own_file(steps, item);
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

/* Keeps the video. Its credit is written first, so that no video is there without its credit. A file that has to be
 * copied is left for the next run of this step. */
static int keep(struct steps *steps, struct item *item, const struct probe_result *result, struct error *error)
{
    json_t *record = fetch_record_ok(item, result, false);
    if (steps->settings->audio)
        record_add(&record, json_pack("{s:b}", "sound", (int)result->has_sound));
    int named = record && keep_record(steps, item, record, error) < 0 ? -1 : name_video(steps, item, error);

    if (named != 0) {
        item->must_copy = named > 0;
        item->own_file = *result;
        json_decref(record);
        return named < 0 ? -1 : 0;
    }
    if (!item->is_sound_alone)
        tell_quality(steps, item, result);
    steps_finish_video(steps, item, record);
    return 0;
}

static int check_and_keep(struct steps *steps, struct item *item, struct probe_result *result)
{
    if (item->must_copy &&
        (result->bytes != item->own_file.bytes || strcmp(result->sha256, item->own_file.sha256) != 0))
        return error_set(&result->error, ERROR_IO, "the copy of '%.200s' differs from it", own_file(item));
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
    if (item->part && (result.error.word == ERROR_BAD_MEDIA || result.error.word == ERROR_LOW_QUALITY)) {
        part_discard(item->part);
        if (item->video_part)
            part_discard(item->video_part);
    }
    item_close_parts(item);
    item->must_copy = false;
    bool is_moved = item_media(item)->segments || own_file(item);
    steps_fail(steps, item, &result.error, is_moved ? ITEM_RESOLVE : ITEM_DOWNLOAD);
}

const struct step step_probe = {
    .start = start,
    .job = {.work = fetch_job_run, .access = fetch_job_access, .order = fetch_job_order, .serve = fetch_job_serve},
    .ended = ended};
