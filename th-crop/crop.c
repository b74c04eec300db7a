#include "th-crop/crop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/name.h"
#include "th-crop/input.h"
#include "th-crop/outcome.h"
#include "th-crop/schedule.h"

static bool is_file(const char *path)
{
    struct stat status;

    return path && !stat(path, &status) && S_ISREG(status.st_mode);
}

/* The chunk's file within the folder of -i, in new memory; NULL when there is none. */
static char *find_in_folder(const char *folder, const char *name)
{
    static const char *const suffixes[] = {".mp4", ".webm", ".mkv", ".mov", ".m4v", ".avi", ".flv", ".ts", NULL};

    for (const char *const *suffix = suffixes; *suffix; suffix++) {
        char *path = name_path(folder, name, *suffix);

        if (is_file(path))
            return path;
        free(path);
    }
    return NULL;
}

/* The path of the chunk's file, or of the video that holds it, in new memory (free()): what a record said, else within
 * the folder of -i. NULL when there is none. */
static char *find_source(const struct crop *crop, const struct plan_chunk *chunk)
{
    if (is_file(chunk->source))
        return strdup(chunk->source);
    return crop->settings->chunks ? find_in_folder(crop->settings->chunks, chunk->name) : NULL;
}

/* Deals with the pending tubes of one chunk. */
static void handle(struct crop *crop, struct plan_chunk *chunk)
{
    const struct refusal *refused = plan_refusal(chunk);
    struct refusal dry_run = {.status = STATUS_SKIPPED};
    char *source;

    crop_record_clashes(crop, chunk);
    crop_record_left_out(crop, chunk);
    if (!plan_pending(chunk))
        return;
    if (refused) {
        crop_record_chunk(crop, chunk, NULL, refused);
        return;
    }
    source = find_source(crop, chunk);
    if (!source) {
        crop_record_missing(crop, chunk);
    } else if (crop->settings->common.dry_run) {
        error_set(&dry_run.error, ERROR_DRY_RUN, "would be cut out of %s", source);
        crop_record_chunk(crop, chunk, source, &dry_run);
    } else {
        crop_schedule_start(crop, chunk, source);
    }
    free(source);
}

static void advance(void *self)
{
    struct crop *crop = self;

    while (plan_queued(crop->plan) && !jobs_full(stage_jobs(crop->stage)))
        handle(crop, plan_next(crop->plan));
    stage_expect(crop->stage, plan_total(crop->plan));
}

static bool is_busy(void *self)
{
    const struct crop *crop = self;

    return plan_queued(crop->plan);
}

static void take(void *self, const struct manifest_line *line)
{
    crop_input_read(self, line);
}

static void input_ended(void *self)
{
    struct crop *crop = self;

    crop->has_ended = true;
    plan_input_ended(crop->plan);
}

const struct stage_program crop_schedule_stage = {
    .counts = KIND_CLIP, .take = take, .input_ended = input_ended, .advance = advance, .busy = is_busy};
