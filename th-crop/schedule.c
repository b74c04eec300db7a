#include "th-crop/schedule.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cut/partial_file.h"
#include "common/name.h"
#include "th-crop/encode/encoder.h"
#include "th-crop/input.h"
#include "th-crop/job.h"
#include "th-crop/plan/clip_target.h"
#include "th-crop/plan/share.h"
#include "th-crop/record.h"

static void free_job(struct crop_job *job)
{
    if (!job)
        return;
    work_folder_close(&job->folder);
    free(job->source);
    free(job->requests);
    free(job);
}

void crop_schedule_free_jobs(struct crop *crop)
{
    while (crop->jobs) {
        struct crop_job *next = crop->jobs->next;

        free_job(crop->jobs);
        crop->jobs = next;
    }
}

/* A chunk's pending tubes: arrays of count. */
struct pending {
    struct plan_request **requests;
    struct tube *tubes;
    size_t *shares; /* which share each tube is in */
    size_t count;
};

/* 0, or -1 when out of memory. Free with free_pending() in any case. */
static int find_pending(struct pending *pending, const struct plan_chunk *chunk)
{
    size_t room = plan_pending(chunk);

    *pending = (struct pending){.requests = calloc(room, sizeof(struct plan_request *)),
                                .tubes = calloc(room, sizeof *pending->tubes),
                                .shares = calloc(room, sizeof *pending->shares)};
    if (!pending->requests || !pending->tubes || !pending->shares)
        return -1;
    for (struct plan_request *request = chunk->requests; request; request = request->next)
        if (plan_request_is_pending(request)) {
            pending->requests[pending->count] = request;
            pending->tubes[pending->count++] = request->tube;
        }
    return 0;
}

static void free_pending(struct pending *pending)
{
    free(pending->requests);
    free(pending->tubes);
    free(pending->shares);
}

/* Into how many shares a chunk may be divided: the free job slots, shared with the chunks that are queued. It is 1
 * while most chunks have to be decoded from their first packet on, because then each share would decode all of that
 * again. */
static size_t shares_at_most(const struct crop *crop)
{
    size_t slots = (size_t)(crop->settings->common.jobs - jobs_running(stage_jobs(crop->stage)));
    size_t most = slots / (crop->plan->queued + 1);

    return most && crop->totals.straight * 2 <= crop->totals.chunks ? most : 1;
}

/* A job for the pending tubes of one share. NULL when out of memory. */
static struct crop_job *new_job(const struct crop *crop, struct plan_chunk *chunk, const char *source,
                                const struct pending *pending, size_t share)
{
    struct crop_job *job = calloc(1, sizeof *job);

    if (!job)
        return NULL;
    job->source = strdup(source);
    job->requests = calloc(pending->count + 1, sizeof(struct plan_request *));
    if (!job->source || !job->requests) {
        free_job(job);
        return NULL;
    }
    job->settings = crop->settings;
    job->chunk = chunk;
    job->share = share;
    job->origin = crop_record_origin(chunk, job->source);
    for (size_t i = 0; i < pending->count; i++)
        if (pending->shares[i] == share)
            job->requests[job->count++] = pending->requests[i];
    return job;
}

/* Logs what a job decoded, and adds it to the totals. */
static void add_decoded(struct crop *crop, const struct crop_job *job, const json_t *decoded)
{
    const char *no_map = json_string_value(json_object_get(decoded, "no_map"));
    bool has_restarted = json_is_true(json_object_get(decoded, "restarted"));
    json_int_t frames = json_integer_value(json_object_get(decoded, "frames"));
    json_int_t passed = json_integer_value(json_object_get(decoded, "passed"));

    crop->totals.frames += frames;
    crop->totals.passed += passed;
    if (!job->share) {
        crop->totals.chunks++;
        crop->totals.straight += no_map && !has_restarted;
    }
    crop->totals.restarted += has_restarted;
    console_say(stage_console(crop->stage), CONSOLE_INFO, "%s: %lld frames decoded, %lld packets passed over%s%s",
                job->origin.chunk, (long long)frames, (long long)passed, no_map ? ": " : "", no_map ? no_map : "");
}

void crop_schedule_log_totals(const struct crop *crop)
{
    const struct crop_totals *totals = &crop->totals;

    if (totals->silent)
        console_say(stage_console(crop->stage), CONSOLE_WARNING,
                    "%lld clips have no sound, because their chunks have none: th-fetch downloads it only with --audio",
                    (long long)totals->silent);
    if (totals->chunks)
        console_say(stage_console(crop->stage), CONSOLE_INFO,
                    "%lld chunks: %lld frames decoded, %lld packets passed over; nothing left out of %lld chunks, "
                    "%lld begun again",
                    (long long)totals->chunks, (long long)totals->frames, (long long)totals->passed,
                    (long long)totals->straight, (long long)totals->restarted);
}

static char *clip_path(const struct crop_job *job, const struct plan_request *request)
{
    return clip_target_path(job->settings->common.output, &job->settings->output, job->origin.chunk, &request->tube);
}

/* Whether record, whose head is read, is of that tube's clip. */
static bool is_of_clip(const struct crop_job *job, const struct plan_request *request, const json_t *record,
                       struct record_head *head)
{
    char name[NAME_CLIP_MAX + 1];
    struct error ignored;
    char *path = NULL;
    bool is_good;

    if (record_read_head(record, head, &ignored) || head->stage != STAGE_CROP || head->kind != KIND_CLIP)
        return false;
    tube_clip_name(job->origin.chunk, &request->tube, name);
    path = clip_path(job, request);
    is_good = !strcmp(head->key, name) && (!head->path || (path && !strcmp(head->path, path)));
    free(path);
    return is_good;
}

/* Gives the clip that the child has made its name. 0, or -1 and error. */
static int take_clip(struct crop_job *job, const struct plan_request *request, struct error *error)
{
    char *path = clip_path(job, request);
    int status = path ? work_folder_take(job->folder, path, error) : error_set(error, ERROR_IO, "out of memory");

    free(path);
    job->has_taken |= !status;
    return status;
}

static int job_reported(void *owner, void *item, json_t *message)
{
    struct crop *crop = owner;
    struct crop_job *job = item;
    const json_t *decoded = json_object_get(message, "decoded");
    json_int_t index = json_integer_value(json_object_get(message, "tube"));
    json_t *record = json_object_get(message, "record");
    bool is_cached = json_is_true(json_object_get(record, "cached"));
    struct plan_request *request;
    struct record_head head;
    struct error error;

    if (decoded) {
        add_decoded(crop, job, decoded);
        return 0;
    }
    request = index >= 0 && (size_t)index < job->count ? job->requests[index] : NULL;
    if (!request || !is_of_clip(job, request, record, &head))
        return -1;
    job->requests[index] = NULL;
    if (head.status == STATUS_OK && !is_cached && take_clip(job, request, &error)) {
        crop_record_emit_not_ok(crop, job->chunk, job->source, request, STATUS_FAILED, &error);
        return 0;
    }
    crop->totals.silent += json_is_false(json_object_get(record, "sound"));
    crop_record_emit(crop, request, json_incref(record), !is_cached);
    return 0;
}

static void job_ended(void *owner, void *item, const struct error *fault)
{
    struct crop *crop = owner;
    struct crop_job *job = item, **place = &crop->jobs;
    struct error silent, error;

    if (job->has_taken && work_folder_sync(job->folder, &error))
        console_say(stage_console(crop->stage), CONSOLE_WARNING, "%s", error.message);
    error_set(&silent, ERROR_CRASHED, "the working process said nothing of this tube");
    for (size_t i = 0; i < job->count; i++)
        if (job->requests[i])
            crop_record_emit_not_ok(crop, job->chunk, job->source, job->requests[i], STATUS_FAILED,
                                    fault ? fault : &silent);
    if (crop->has_ended)
        plan_queue(crop->plan, job->chunk);
    while (*place != job)
        place = &(*place)->next;
    *place = job->next;
    free_job(job);
}

/* An encoder on a device needs its driver, which may make any system call and open any file. */
static bool job_access(const void *item, struct sandbox *sandbox)
{
    const struct crop_job *job = item;

    partial_file_allow(job->source, sandbox);
    sandbox_read(sandbox, job->settings->common.output);
    sandbox_write(sandbox, work_folder_path(job->folder));
    return !encoder_is_on_device(job->settings->output.encoder.encoder);
}

/* Starts the job. 0, or -1 and error. */
static int start_job(struct crop *crop, struct crop_job *job, struct error *error)
{
    static const struct job_task task = {
        .work = crop_job_run, .access = job_access, .report = job_reported, .ended = job_ended};

    if (!job)
        return error_set(error, ERROR_IO, "out of memory");
    if (work_folder_open(&job->folder, job->settings->common.output, error) ||
        jobs_start(stage_jobs(crop->stage), &task, job, error)) {
        free_job(job);
        return -1;
    }
    job->next = crop->jobs;
    crop->jobs = job;
    for (size_t i = 0; i < job->count; i++)
        job->requests[i]->is_running = true;
    return 0;
}

/* Starts jobs for the chunk's pending tubes: one, or several where there are more free job slots than chunks. Tubes for
 * which no job can be started fail. */
static void start_jobs(struct crop *crop, struct plan_chunk *chunk, const char *source)
{
    struct refusal refusal = {.status = STATUS_FAILED};
    struct pending pending;
    size_t shares = 0;
    int status = 0;

    if (!find_pending(&pending, chunk))
        shares = share_divide(pending.tubes, pending.count, shares_at_most(crop), pending.shares);
    if (!shares)
        status = error_set(&refusal.error, ERROR_IO, "out of memory");
    for (size_t i = 0; !status && i < shares; i++)
        status = start_job(crop, new_job(crop, chunk, source, &pending, i), &refusal.error);
    if (status)
        crop_record_refused(crop, chunk, source, &refusal, false);
    free_pending(&pending);
}

static bool is_file(const char *path)
{
    struct stat status;

    return path && !stat(path, &status) && S_ISREG(status.st_mode);
}

/* The path of the chunk's file, or of the video that holds the chunk, in new memory (free()): the one that a record
 * named, else a file in the folder of -i. NULL when there is none. */
static char *find_source(const struct crop *crop, const struct plan_chunk *chunk)
{
    static const char *const suffixes[] = {".mp4", ".webm", ".mkv", ".mov", ".m4v", ".avi", ".flv", ".ts", NULL};

    if (is_file(chunk->source))
        return strdup(chunk->source);
    for (const char *const *suffix = suffixes; crop->settings->chunks && *suffix; suffix++) {
        char *path = name_path(crop->settings->chunks, chunk->name, *suffix);

        if (is_file(path))
            return path;
        free(path);
    }
    return NULL;
}

/* Sets why the tubes of a chunk that is not there cannot be made. */
static void set_missing(const struct crop *crop, const struct plan_chunk *chunk, struct refusal *missing)
{
    missing->status = chunk->is_discarded ? STATUS_SKIPPED : STATUS_FAILED;
    if (chunk->is_discarded)
        error_set(&missing->error, ERROR_NOT_FETCHED, "the video was discarded, and its clip is not there");
    else
        error_set(&missing->error, ERROR_NO_SUCH_CHUNK, "the chunk %s is not there%s", chunk->name,
                  crop->settings->chunks || chunk->source ? ""
                                                          : ": no record says where it is, and no folder was given");
}

/* Starts or records every pending tube of a chunk that was taken off the queue. */
static void process_chunk(struct crop *crop, struct plan_chunk *chunk)
{
    const struct refusal *refused = plan_refusal(chunk);
    struct refusal missing, dry_run = {.status = STATUS_SKIPPED};
    char *source;

    crop_record_unmakeable(crop, chunk);
    if (!plan_pending(chunk))
        return;
    if (refused) {
        crop_record_refused(crop, chunk, NULL, refused, false);
        return;
    }
    source = find_source(crop, chunk);
    if (!source) {
        set_missing(crop, chunk, &missing);
        crop_record_refused(crop, chunk, NULL, &missing, true);
    } else if (crop->settings->common.dry_run) {
        error_set(&dry_run.error, ERROR_DRY_RUN, "would be cut out of %s", source);
        crop_record_refused(crop, chunk, source, &dry_run, false);
    } else {
        start_jobs(crop, chunk, source);
    }
    free(source);
}

static void advance(void *self)
{
    struct crop *crop = self;

    while (crop->plan->queued && !jobs_full(stage_jobs(crop->stage)))
        process_chunk(crop, plan_next(crop->plan));
    stage_expect(crop->stage, crop->plan->total);
}

static bool is_busy(void *self)
{
    return ((const struct crop *)self)->plan->queued;
}

static void input_ended(void *self)
{
    struct crop *crop = self;

    crop->has_ended = true;
    plan_input_ended(crop->plan);
}

const struct stage_program crop_schedule_stage = {
    .counts = KIND_CLIP, .take = crop_input_read, .input_ended = input_ended, .advance = advance, .busy = is_busy};
