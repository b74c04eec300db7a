#include "th-crop/crop.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/name.h"
#include "th-crop/clip_place.h"
#include "th-crop/clip_record.h"
#include "th-crop/crop_job.h"
#include "th-crop/intake.h"
#include "th-crop/select.h"

static struct clip_origin origin_of(const struct plan_chunk *chunk, const char *source)
{
    bool is_ranged = source && chunk->range && !strcmp(source, chunk->source);

    return (struct clip_origin){.chunk = chunk->name,
                                .source = source,
                                .range = is_ranged ? chunk->range : NULL,
                                .lineage = plan_lineage(chunk)};
}

/* Writes record (stolen) as often as the tube was asked for, and notes that. A tube that has its record has another one
 * only when that would be wrong now. */
static void emit(struct crop *crop, struct want *want, json_t *record, bool is_final)
{
    uint32_t copies = want_records(want);
    struct record_head head;
    struct error error;

    if (!copies && record && (record_read_head(record, &head, &error) || head.status != STATUS_OK))
        copies = 1;
    for (uint32_t i = 0; i < copies; i++)
        stage_emit(crop->stage, json_incref(record));
    json_decref(record);
    want_recorded(want, copies, is_final);
}

static void emit_not_ok(struct crop *crop, const struct plan_chunk *chunk, const char *source, struct want *want,
                        enum record_status status, const struct error *error)
{
    struct clip_origin origin = origin_of(chunk, source);

    emit(crop, want, clip_record_not_ok(&origin, &want->tube, status, error), true);
}

static bool is_forced(const struct crop *crop, const struct want *want)
{
    return crop->settings->common.force || want->is_forced;
}

/* Records a clip that is there and may stay. False when it is not, or must be made anew. */
static bool emit_cached(struct crop *crop, const struct plan_chunk *chunk, const char *source, struct want *want)
{
    struct clip_origin origin = origin_of(chunk, source);
    struct clip_facts facts = {.settings = &crop->settings->output,
                               .cached = true,
                               .sound = -1,
                               .frames = clip_frames(&crop->settings->output, &want->tube)};
    char *path = clip_path(crop->settings, chunk->name, &want->tube);
    bool is_there = path && !is_forced(crop, want) && clip_exists(crop->settings, path, &facts.bytes);

    facts.path = path;
    if (is_there)
        emit(crop, want, clip_record_ok(&origin, &want->tube, &facts), false);
    free(path);
    return is_there;
}

static void emit_clashes(struct crop *crop, const struct plan_chunk *chunk, struct want *want)
{
    struct clip_origin origin = origin_of(chunk, NULL);
    struct error error;

    error_set(&error, ERROR_BAD_TUBE,
              "another row names the same clip for pictures of %dx%d; the name of a clip does not tell them apart",
              want->tube.width, want->tube.height);
    for (; want->clashes; want->clashes--)
        stage_emit(crop->stage, clip_record_not_ok(&origin, &want->tube, STATUS_FAILED, &error));
}

/* Skips the tubes that the options leave out for their number of frames. */
static void leave_out(struct crop *crop, const struct plan_chunk *chunk)
{
    struct error error;
    struct tube cut;

    for (struct want *want = chunk->wants.first; want; want = want->next)
        if (want_is_pending(want) && select_frames(crop->settings, &want->tube, &cut, &error))
            emit_not_ok(crop, chunk, chunk->source, want, STATUS_SKIPPED, &error);
}

/* Records every pending tube of the chunk: its clip if that is there, otherwise why it is not. */
static void settle(struct crop *crop, struct plan_chunk *chunk, const char *source, const struct refusal *refusal)
{
    for (struct want *want = chunk->wants.first; want; want = want->next)
        if (want_is_pending(want) && !emit_cached(crop, chunk, source, want))
            emit_not_ok(crop, chunk, source, want, refusal->status, &refusal->error);
}

/* A chunk without a file: what was skipped in a former run is skipped again for the same reason. */
static void settle_missing(struct crop *crop, struct plan_chunk *chunk)
{
    struct refusal missing = {.status = STATUS_FAILED};

    error_set(&missing.error, ERROR_NO_SUCH_CHUNK, "the chunk %s is not there%s", chunk->name,
              crop->settings->chunks || chunk->source ? "" : ": no record says where it is, and no folder was given");
    for (struct want *want = chunk->wants.first; want; want = want->next) {
        const struct refusal *refusal = want->was_skipped && chunk->before ? chunk->before : &missing;

        if (want_is_pending(want) && !emit_cached(crop, chunk, NULL, want))
            emit_not_ok(crop, chunk, NULL, want, refusal->status, &refusal->error);
    }
}

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
 * the folder of -i. NULL when
 * there is none. */
static char *find_source(const struct crop *crop, const struct plan_chunk *chunk)
{
    if (is_file(chunk->source))
        return strdup(chunk->source);
    return crop->settings->chunks ? find_in_folder(crop->settings->chunks, chunk->name) : NULL;
}

static void free_job(struct crop_job *job)
{
    if (!job)
        return;
    free((char *)job->origin.source);
    free(job->wants);
    free(job);
}

void crop_forget_jobs(struct crop *crop)
{
    while (crop->jobs) {
        struct crop_job *next = crop->jobs->next;

        free_job(crop->jobs);
        crop->jobs = next;
    }
}

/* Takes the job off the list of those that run. */
static void unlink_job(struct crop *crop, const struct crop_job *job)
{
    struct crop_job **place = &crop->jobs;

    while (*place != job)
        place = &(*place)->next;
    *place = job->next;
}

/* A job for the chunk's pending tubes; source is stolen. NULL when out of memory. */
static struct crop_job *new_job(const struct crop *crop, struct plan_chunk *chunk, char *source)
{
    struct crop_job *job = calloc(1, sizeof *job);

    if (!job) {
        free(source);
        return NULL;
    }
    job->settings = crop->settings;
    job->origin = origin_of(chunk, source);
    job->chunk = chunk;
    job->wants = calloc(plan_pending(chunk), sizeof(struct want *));
    if (!job->wants) {
        free_job(job);
        return NULL;
    }
    for (struct want *want = chunk->wants.first; want; want = want->next)
        if (want_is_pending(want))
            job->wants[job->count++] = want;
    return job;
}

/* How much of the chunk was decoded. */
static void hear_decoded(struct crop *crop, const struct crop_job *job, const json_t *decoded)
{
    const char *no_map = json_string_value(json_object_get(decoded, "no_map"));
    bool has_restarted = json_is_true(json_object_get(decoded, "restarted"));
    json_int_t frames = json_integer_value(json_object_get(decoded, "frames"));
    json_int_t passed = json_integer_value(json_object_get(decoded, "passed"));

    crop->totals.frames += frames;
    crop->totals.passed += passed;
    crop->totals.chunks++;
    crop->totals.straight += no_map && !has_restarted;
    crop->totals.restarted += has_restarted;
    console_say(stage_console(crop->stage), CONSOLE_INFO, "%s: %lld frames decoded, %lld packets passed over%s%s",
                job->origin.chunk, (long long)frames, (long long)passed, no_map ? ": " : "", no_map ? no_map : "");
}

void crop_say_totals(const struct crop *crop)
{
    const struct crop_totals *totals = &crop->totals;

    if (totals->chunks)
        console_say(stage_console(crop->stage), CONSOLE_INFO,
                    "%lld chunks: %lld frames decoded, %lld packets passed over; nothing left out of %lld chunks, "
                    "%lld begun again",
                    (long long)totals->chunks, (long long)totals->frames, (long long)totals->passed,
                    (long long)totals->straight, (long long)totals->restarted);
}

static void job_reported(void *owner, void *item, json_t *message)
{
    struct crop_job *job = item;
    const json_t *decoded = json_object_get(message, "decoded");
    json_int_t index = json_integer_value(json_object_get(message, "tube"));
    json_t *record = json_object_get(message, "record");
    bool is_final = !json_is_true(json_object_get(record, "cached"));

    if (decoded)
        hear_decoded(owner, job, decoded);
    /* What a child says is not to be trusted: it has read foreign media. */
    else if (index >= 0 && (size_t)index < job->count && job->wants[index] && record) {
        emit(owner, job->wants[index], json_incref(record), is_final);
        job->wants[index] = NULL;
    }
}

static void job_ended(void *owner, void *item, const struct error *fault)
{
    struct crop *crop = owner;
    struct crop_job *job = item;
    struct error silent;

    error_set(&silent, ERROR_CRASHED, "the working process said nothing of this tube");
    for (size_t i = 0; i < job->count; i++)
        if (job->wants[i])
            emit_not_ok(crop, job->chunk, job->origin.source, job->wants[i], STATUS_FAILED, fault ? fault : &silent);
    if (crop->has_ended)
        plan_queue(crop->plan, job->chunk);
    unlink_job(crop, job);
    free_job(job);
}

static const struct job_task task = {.work = crop_job_work, .report = job_reported, .ended = job_ended};

/* Starts the work on the chunk; source is stolen. */
static void start(struct crop *crop, struct plan_chunk *chunk, char *source)
{
    struct crop_job *job = new_job(crop, chunk, source);
    struct refusal refusal = {.status = STATUS_FAILED};

    if (!job)
        error_set(&refusal.error, ERROR_IO, "out of memory");
    if (!job || stage_start(crop->stage, &task, job, &refusal.error)) {
        settle(crop, chunk, NULL, &refusal);
        free_job(job);
        return;
    }
    job->next = crop->jobs;
    crop->jobs = job;
    for (size_t i = 0; i < job->count; i++)
        job->wants[i]->is_running = true;
}

/* Deals with the pending tubes of one chunk. */
static void handle(struct crop *crop, struct plan_chunk *chunk)
{
    const struct refusal *refused = plan_refusal(chunk);
    struct refusal dry_run = {.status = STATUS_SKIPPED};
    char *source;

    for (struct want *want = chunk->wants.first; want; want = want->next)
        emit_clashes(crop, chunk, want);
    leave_out(crop, chunk);
    if (!plan_pending(chunk))
        return;
    if (refused) {
        settle(crop, chunk, NULL, refused);
        return;
    }
    source = find_source(crop, chunk);
    if (!source) {
        settle_missing(crop, chunk);
    } else if (crop->settings->common.dry_run) {
        error_set(&dry_run.error, ERROR_DRY_RUN, "would be cut out of %s", source);
        settle(crop, chunk, source, &dry_run);
        free(source);
    } else {
        start(crop, chunk, source);
    }
}

static void advance(void *self)
{
    struct crop *crop = self;

    while (plan_has_next(crop->plan) && !jobs_full(stage_jobs(crop->stage)))
        handle(crop, plan_next(crop->plan));
    stage_expect(crop->stage, plan_total(crop->plan));
}

static bool is_busy(void *self)
{
    const struct crop *crop = self;

    return plan_has_next(crop->plan);
}

static void take(void *self, const struct manifest_line *line)
{
    intake_line(self, line);
}

static void input_ended(void *self)
{
    struct crop *crop = self;

    crop->has_ended = true;
    plan_input_ended(crop->plan);
}

const struct stage_program crop_stage = {
    .counts = KIND_CLIP, .take = take, .input_ended = input_ended, .advance = advance, .busy = is_busy};
