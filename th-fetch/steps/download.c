/* The step that downloads a video, and then its sound where that is a file of its own, into parts. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "th-fetch/policy/policy.h"
#include "th-fetch/source/archive.h"
#include "th-fetch/steps/step.h"
#include "th-fetch/transfer/partial.h"

enum { GAIN_BYTES = 1 << 20 }; /* a try that brought as much is not counted against --retries */

/* Opens the part that holds ranges of the video: to fill it, or what a run with --needed has left. 0, also when there
 * is nothing that can be continued, or -1 and error. */
static int open_partial(const struct steps *steps, struct item *item, const struct part_name *name, const char *format,
                        struct error *error)
{
    bool is_wanted = steps_want_parts(steps, item);

    if (item->part || (!is_wanted && (item->must_restart || !partial_exists(name))))
        return 0;
    if (partial_open(&item->part, name, item->input.shown_url, format, error) < 0)
        return -1;
    if (!is_wanted && part_size(item->part) == 0)
        part_close(&item->part);
    return 0;
}

static int open_part(struct steps *steps, struct item *item, const char *format, struct error *error)
{
    struct part_name name = item_part_name(item, steps->settings->common.output);

    if (open_partial(steps, item, &name, format, error) < 0)
        return -1;
    if (!item->part && part_open(&item->part, &name, item->input.shown_url, format, error) < 0)
        return -1;
    if (item->must_restart && part_restart(item->part, NULL, -1, error) < 0)
        return -1;
    item->must_restart = false;
    return 0;
}

/* 0 when all bytes have come, 1 when some are missing, or -1 and error. */
static int complete(const struct item *item, struct error *error)
{
    if (part_is_partial(item->part))
        return partial_complete(item->part, error);
    return part_total(item->part) > 0 && part_size(item->part) == part_total(item->part) ? 0 : 1;
}

/* A file that the resolver has downloaded itself: ITEM_PROBE looks at it where it lies. */
static enum step_start use_own_file(struct steps *steps, struct item *item, struct error *error)
{
    const char *path = item->answer->path;
    struct stat facts;

    item_need_whole(item, "the resolver downloads it");
    if (lstat(path, &facts) < 0) {
        error_set(error, ERROR_RESOLVER, "cannot open the resolver's file '%.200s': %s", path, strerror(errno));
        return STEP_FAILED;
    }
    if (!S_ISREG(facts.st_mode)) {
        error_set(error, ERROR_RESOLVER, "the resolver's file '%.200s' is not a regular file", path);
        return STEP_FAILED;
    }
    if (!steps_take_room(steps, item, facts.st_size))
        return STEP_WAITS;
    steps_downloaded(item);
    return STEP_WAITS;
}

/* Ends the run when the folder of the whole archive is missing. */
static void check_archive(struct steps *steps)
{
    struct error error;

    if (archive_check_folder(steps->settings->url_template, &error) < 0 && !steps->is_stopped) {
        steps->is_stopped = true;
        console_say(steps->console, CONSOLE_ERROR, "%s", error.message);
        stage_stop(steps->stage, EXIT_CANNOT);
    }
}

/* Whether the disk has room for what is written until the transfer can pause: all of a file: URL. */
static bool has_space(struct steps *steps, const struct item *item, int64_t file_size)
{
    return !space_is_short(&steps->space, item_is_local(item) ? (size_t)file_size : 0);
}

static enum step_start start(struct steps *steps, struct item *item, struct error *error)
{
    int missing;
    const struct answer_media *media = item_media(item);
    struct transfer_request request = {.url = media->url ? media->url : item->input.url,
                                       .headers = media->headers,
                                       .piece = media->piece,
                                       .may_be_file = item_is_local(item),
                                       .wanted = steps_want_parts(steps, item) ? &item->wanted : NULL};

    if (item->answer && item->answer->path)
        return use_own_file(steps, item, error);
    if (transfers_running(steps->transfers) >= steps->settings->common.jobs)
        return STEP_WAITS;
    if (item_is_local(item) && archive_check_file(item->input.url, &request.file, error) < 0) {
        check_archive(steps);
        return STEP_FAILED;
    }
    if (!has_space(steps, item, request.file.st_size)) {
        item->wake = clock_seconds() + SPACE_WAIT;
        return STEP_WAITS;
    }
    if (open_part(steps, item, media->format, error) < 0)
        return STEP_FAILED;
    if (!steps_take_room(steps, item, item_is_local(item) ? request.file.st_size : media->size))
        return STEP_WAITS;
    missing = complete(item, error);
    if (missing < 0)
        return STEP_FAILED;
    /* No request is needed: the run before was killed after the last byte had come. */
    if (!missing) {
        steps_downloaded(item);
        return item->step == ITEM_DOWNLOAD ? start(steps, item, error) : STEP_WAITS;
    }
    /* An earlier try has brought it, or a part of what is downloaded first. */
    if (request.wanted && part_is_partial(item->part) && !partial_lacks(item->part, request.wanted)) {
        item->step = ITEM_NEEDED;
        return STEP_WAITS;
    }
    if (!retry_may_request(&steps->retry, item))
        return STEP_WAITS;
    return transfers_start(steps->transfers, &request, item->part, item, error) < 0 ? STEP_FAILED : STEP_STARTED;
}

static enum streak_source source_of(const struct item *item)
{
    return item->input.is_direct ? STREAK_ARCHIVE : STREAK_MEDIA;
}

bool step_download_began(void *self, void *context)
{
    struct steps *steps = self;
    struct item *item = context;
    struct verdict good = {.kind = POLICY_GOOD};

    steps_judge(steps, item, source_of(item), true, &good);
    retry_ended(&steps->retry, item, &good, PACE_SERVED);
    item->lacks_room = !steps_take_room(steps, item, 0);
    return !item->lacks_room;
}

/* A transfer has ended well. When it has not brought all that is wanted of the file, the step starts again. */
static void end_good(struct steps *steps, struct item *item)
{
    struct error error;
    int missing = part_is_partial(item->part) ? partial_complete(item->part, &error) : 0;

    if (missing < 0)
        steps_fail(steps, item, &error, ITEM_DOWNLOAD);
    else if (!missing)
        steps_downloaded(item);
    else if (steps_want_parts(steps, item)) {
        item->step = ITEM_NEEDED;
        item->retrieved = time(NULL);
    }
}

void step_download_ended(void *self, void *context, const struct transfer_outcome *outcome)
{
    struct steps *steps = self;
    struct item *item = context;
    struct verdict verdict;

    item->is_running = false;
    if (item->lacks_room) { /* it is sent again when there is room */
        item->lacks_room = false;
        item->wake = INFINITY;
        return;
    }
    policy_transfer(outcome, !item->input.is_direct, &verdict);
    if (outcome->whole)
        item_need_whole(item, outcome->whole);
    if (part_size(item->part) >= item->furthest + GAIN_BYTES) {
        item->furthest = part_size(item->part);
        item->tries = 0;
        item->resolved_again = false;
    }
    steps_judge(steps, item, source_of(item), false, &verdict);
    retry_ended(&steps->retry, item, &verdict, PACE_SERVED);
    if (verdict.kind != POLICY_GOOD)
        steps_retry(steps, item, &verdict, ITEM_DOWNLOAD);
    else
        end_good(steps, item);
}

const struct step step_download = {.asks_source = true, .start = start};
