/* The step that has the resolver download a format that comes in segments, which are no plain download. It gathers them
 * in the folder ID.mp4.part.d, where the next run continues. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/hash.h"
#include "th-fetch/policy/policy.h"
#include "th-fetch/steps/step.h"

/* Sets item->segments. The name of the file depends on page and format, so that no file mixes two of them. */
static int describe(const struct steps *steps, struct item *item, struct error *error)
{
    const struct answer_media *media = item_media(item);
    struct part_name name = item_part_name(item, steps->settings->common.output);
    uint64_t hash = hash_add(HASH_EMPTY, item->input.shown_url, strlen(item->input.shown_url) + 1);

    item_clear_segments(item);
    hash = hash_add(hash, media->format, strlen(media->format));
    item->segments =
        (struct resolver_download){.page_url = item->input.url, .format = media->format, .folder = part_folder(&name)};
    if (item->segments.folder && asprintf(&item->segments.file, "%016" PRIx64 "%s", hash, name.suffix) >= 0)
        return 0;
    item->segments.file = NULL;
    return error_set(error, ERROR_IO, "out of memory");
}

/* Opens the part, which locks the folder for this process, and makes the folder. */
static int open_folder(struct steps *steps, struct item *item, struct error *error)
{
    struct part_name name = item_part_name(item, steps->settings->common.output);

    item_need_whole(item, "it comes in segments");

    if (describe(steps, item, error) < 0)
        return -1;
    if (!item->part && part_open(&item->part, &name, item->input.shown_url, item->segments.format, error) < 0)
        return -1;
    if (item->must_restart) /* the sound has a folder of its own, which is as old */
        part_folder_remove(&name);
    item->must_restart = item->must_restart && item->answer->audio.segments && !item->video_part;
    /* What can be unlinked is no folder, and no run has made it. */
    if (mkdir(item->segments.folder, 0777) < 0 &&
        (errno != EEXIST || (unlink(item->segments.folder) == 0 && mkdir(item->segments.folder, 0777) < 0)))
        return error_set_errno(error, errno, "cannot make '%.200s'", item->segments.folder);
    return 0;
}

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    const struct answer_media *media = item->video_part ? &item->answer->audio : &item->answer->media;

    if (space_is_short(&steps->space, 0)) {
        item->wake = clock_seconds() + SPACE_WAIT;
        return STEP_WAITS;
    }
    if (!steps_take_room(steps, item, media->size))
        return STEP_WAITS;
    if (open_folder(steps, item, error) < 0)
        return STEP_FAILED;
    return retry_may_request(&steps->retry, item) ? STEP_STARTED : STEP_WAITS;
}

static int download(struct job *job, void *context)
{
    const struct item *item = context;

    return resolver_download(item->steps->resolver, &item->segments, job);
}

/* Moves the file from the folder in the place of the part. */
static int take_file(struct steps *steps, struct item *item, struct error *error)
{
    struct part_name name = item_part_name(item, steps->settings->common.output);
    char *file = NULL;

    if (asprintf(&file, "%s/%s", item->segments.folder, item->segments.file) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    int taken = part_take(item->part, file, error);

    if (taken == 0)
        part_folder_remove(&name);
    free(file);
    return taken;
}

static void judge(const struct item *item, const struct error *fault, struct verdict *verdict)
{
    struct resolver_outcome outcome;
    json_t *none;

    resolver_read_report(item->report, &outcome, &none);
    if (fault && fault->word == ERROR_STALLED) {
        *verdict = (struct verdict){.kind = POLICY_RETRY};
        error_set(&verdict->error, ERROR_TIMEOUT, "the resolver downloaded nothing for too long and was killed");
    } else if (fault) {
        policy_local(fault, verdict);
    } else {
        policy_resolver(&outcome, verdict);
    }
}

static void ended(struct steps *steps, struct item *item, const struct error *fault)
{
    struct verdict verdict;
    struct error error = {0};

    judge(item, fault, &verdict);
    if (verdict.kind == POLICY_GOOD && take_file(steps, item, &error) < 0)
        policy_local(&error, &verdict);
    steps_judge(steps, item, STREAK_MEDIA, false, &verdict);
    retry_ended(&steps->retry, item, &verdict, PACE_SERVED);
    if (verdict.kind == POLICY_GOOD)
        steps_downloaded(item);
    else
        steps_retry(steps, item, &verdict, ITEM_SEGMENTS);
}

const struct step step_segments = {
    .asks_source = true, .start = start, .job = {.work = download, .runs_command = true}, .ended = ended};
