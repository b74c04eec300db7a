#include "th-crop/job.h"

#include <libavutil/pixdesc.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "th-crop/passes.h"
#include "th-crop/plan/clip_target.h"

/* Keeps the heap small while encoders are opened and closed: large blocks go back to the system when they are freed,
 * and all threads share one heap, so that one thread can use what another freed. */
static void limit_heap(void)
{
#ifdef __GLIBC__
    enum { HEAP_BLOCK_MAX = 1 << 17 }; /* bytes */

    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_BLOCK_MAX);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_BLOCK_MAX);
#endif
}

static void report(struct crop_worker *worker, struct clip_task *clip, json_t *record)
{
    pthread_mutex_lock(&worker->lock);
    clip->is_done = true;
    worker->left--;
    /* A failure needs no handling: when the parent is gone, this process is killed. */
    (void)job_report(worker->job, json_pack("{s:I, s:o}", "tube", (json_int_t)clip->index, "record", record));
    pthread_mutex_unlock(&worker->lock);
}

/* The clip has failed, or is skipped when error is not_selected. */
static void report_failure(struct crop_worker *worker, struct clip_task *clip, const struct error *error)
{
    enum record_status status = error->word == ERROR_NOT_SELECTED ? STATUS_SKIPPED : STATUS_FAILED;

    clip_writer_abort(&clip->writer);
    report(worker, clip, crop_record_not_ok(&worker->item->origin, &clip->request->tube, status, error));
}

static void report_clip(struct crop_worker *worker, struct clip_task *clip)
{
    report(worker, clip, crop_record_ok(&worker->item->origin, &clip->request->tube, &clip->facts));
}

static void fail_rest(struct crop_worker *worker, const struct error *error)
{
    for (size_t i = 0; i < worker->item->count; i++) {
        struct error own = *error;

        if (worker->clips[i].is_done)
            continue;
        if (error->word == ERROR_OUT_OF_RANGE)
            passes_too_short(worker->end, &worker->clips[i].tube, &own);
        report_failure(worker, &worker->clips[i], &own);
    }
}

/* Sets the clip's box in pictures of that size and pixel format. 0, or -1 and error. */
static int find_box(const struct crop_worker *worker, struct clip_task *clip, int width, int height, int format,
                    struct error *error)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)format);

    const char *format_made = worker->item->settings->output.filter.format;
    const AVPixFmtDescriptor *made = format_made ? av_pix_fmt_desc_get(av_get_pix_fmt(format_made)) : NULL;
    int log2_w, log2_h;

    if (!pixels)
        return error_set(error, ERROR_UNREADABLE, "the chunk's pixel format is not known");
    log2_w = FFMAX(pixels->log2_chroma_w, made ? made->log2_chroma_w : 0);
    log2_h = FFMAX(pixels->log2_chroma_h, made ? made->log2_chroma_h : 0);
    clip->facts.width = width;
    clip->facts.height = height;
    if (tube_box(&clip->tube, width, height, log2_w, log2_h, &clip->box, error) ||
        clip_target_check_box(worker->item->settings, &clip->box, error))
        return -1;
    clip->facts.box = &clip->box;
    return 0;
}

/* The same for pictures as the container describes them, before anything is decoded. */
static int find_box_early(const struct crop_worker *worker, struct clip_task *clip, struct error *error)
{
    const struct picture_facts *facts = decoder_facts(worker->decoder);
    int width = facts->width, height = facts->height, format = facts->format;

    return rotate_kind(worker->rotate, &width, &height, &format, error)
               ? -1
               : find_box(worker, clip, width, height, format, error);
}

/* Checks that the chunk has all frames of the tube, if their number is known beforehand. 0, or -1 and error. */
static int check_range(const struct crop_worker *worker, struct clip_task *clip, struct error *error)
{
    int64_t frames = decoder_frames(worker->decoder);

    if (frames < 0 || clip->tube.end < frames)
        return 0;
    if (clip->tube.start < frames && find_box_early(worker, clip, error))
        return -1; /* decoding would find this fault first */
    return passes_too_short(frames, &clip->tube, error);
}

/* Sets whether the clip, which exists, has sound. False when it must be made again for sound that has come since. */
static bool has_all_sound(const struct crop_worker *worker, struct clip_task *clip)
{
    bool is_wanted = worker->item->settings->output.sound;

    clip->facts.sound = is_wanted && clip_target_has_sound(clip->path);
    return !is_wanted || clip->facts.sound || !clip_target_lacks_new_sound(clip->path, worker->item->origin.source);
}

/* Reports what needs no decoding: clips that exist, tubes that are left out or invalid. opened: why the chunk could not
 * be opened, or NULL. */
static void report_known(struct crop_worker *worker, const struct error *opened)
{
    const struct crop_settings *settings = worker->item->settings;

    for (size_t i = 0; i < worker->item->count; i++) {
        struct clip_task *clip = &worker->clips[i];
        const struct tube *tube = &clip->request->tube;
        struct error error = {0};
        bool has_no_box = !opened && find_box_early(worker, clip, &error);
        bool is_left_out = has_no_box && error.word == ERROR_NOT_SELECTED;
        bool may_stay = !is_left_out && !settings->common.force && !clip->request->is_forced;

        if (may_stay && clip_target_exists(settings, clip->path, &clip->facts.bytes) && has_all_sound(worker, clip)) {
            clip->facts.cached = true;
            clip->facts.frames = clip_target_frames(&settings->output, tube);
            report_clip(worker, clip);
        } else if (is_left_out || tube_check(tube, &error) || (!opened && check_range(worker, clip, &error))) {
            report_failure(worker, clip, &error);
        } else if (opened) {
            report_failure(worker, clip, opened);
        }
    }
}

/* Starts to write the clip, whose first frame this is. 0, or -1 and error. */
static int open_clip(struct crop_worker *worker, struct clip_task *clip, const AVFrame *frame, struct error *error)
{
    struct clip_writer_params params;

    if (find_box(worker, clip, frame->width, frame->height, frame->format, error))
        return -1;
    params = (struct clip_writer_params){.path = clip->made_at,
                                         .origin = &worker->item->origin,
                                         .tube = &clip->request->tube,
                                         .settings = &worker->item->settings->output,
                                         .facts = decoder_facts(worker->decoder),
                                         .box = clip->box,
                                         .sound = worker->sound,
                                         .encoder_lock = &worker->encoder_lock};
    params.zero = decoder_origin(worker->decoder, &params.zero_base);
    return clip_writer_open(&clip->writer, &params, frame, error);
}

/* Adds frame `number`, which the tube holds, to the clip. Runs in any thread of the pool. */
static void write_frame(void *self, struct thread_pool_queue *queue, const AVFrame *frame, int64_t number)
{
    struct crop_worker *worker = self;
    struct clip_task *clip = (struct clip_task *)queue;
    const struct tube *tube = &clip->tube;
    struct error error;

    if (clip->is_done) /* it has failed at an earlier frame */
        return;
    if ((number == tube->start && open_clip(worker, clip, frame, &error)) ||
        clip_writer_add(clip->writer, frame, &error) ||
        (number == tube->end && clip_writer_finish(&clip->writer, &clip->facts, &error)))
        report_failure(worker, clip, &error);
    else if (number == tube->end)
        report_clip(worker, clip);
    pthread_mutex_lock(&worker->lock);
    job_alive(worker->job);
    pthread_mutex_unlock(&worker->lock);
}

static int count_processors(void *self)
{
    return job_processors(((const struct crop_worker *)self)->job);
}

static void stay_alive(void *job)
{
    job_alive(job);
}

static char *path_in(const struct crop_job *item, const char *dir, const struct plan_request *request)
{
    return clip_target_path(dir, &item->settings->output, item->origin.chunk, &request->tube);
}

/* Sets up the clips. 0, or -1 when out of memory. */
static int prepare_clips(struct crop_worker *worker)
{
    const struct crop_job *item = worker->item;

    worker->clips = calloc(item->count, sizeof *worker->clips);
    worker->queues = calloc(item->count, sizeof(struct thread_pool_queue *));
    if (!worker->clips || !worker->queues || pthread_mutex_init(&worker->lock, NULL) ||
        pthread_mutex_init(&worker->encoder_lock, NULL))
        return -1;
    for (size_t i = 0; i < item->count; i++) {
        struct clip_task *clip = &worker->clips[i];

        clip->request = item->requests[i];
        clip->index = i;
        (void)clip_target_trim(item->settings, &clip->request->tube, &clip->tube, NULL);
        clip->path = path_in(item, item->settings->common.output, clip->request);
        clip->made_at = path_in(item, work_folder_path(item->folder), clip->request);
        if (!clip->path || !clip->made_at)
            return -1;
        clip->facts =
            (struct clip_facts){.settings = &item->settings->output, .path = clip->path, .note = worker->sound_note};
    }
    return 0;
}

/* Whether the chunk's file is the one that its record describes. 0, or -1 and error. */
static int check_record(const struct crop_worker *worker, struct error *error)
{
    int64_t frames = decoder_listed_frames(worker->decoder), recorded = worker->item->chunk->frames;

    if (frames <= 0 || recorded <= 0 || frames == recorded)
        return 0;
    return error_set(error, ERROR_IO,
                     "the chunk has %lld frames, and its record says %lld: it has been replaced; split the video again",
                     (long long)frames, (long long)recorded);
}

/* Opens the chunk, which is a file of its own or a range of its video. 0, or -1 and error. */
static int open_chunk(struct crop_worker *worker, const struct chunk_file_watch *watch, struct error *error)
{
    const struct clip_origin *origin = &worker->item->origin;
    struct chunk_range range;

    if (origin->range && chunk_range_from_json(&range, origin->range, error))
        return -1;
    if (chunk_file_open(&worker->file, origin->source, origin->range ? &range : NULL, watch, error) ||
        decoder_open(&worker->decoder, chunk_file_path(worker->file), error) ||
        (!origin->range && check_record(worker, error)))
        return -1;
    return rotate_open(&worker->rotate, decoder_facts(worker->decoder)->display_matrix, error);
}

/* Reads the sound if clips keep it, decodes, and encodes on as many threads as the job may use. 0, or -1 when out of
 * memory. */
static int make_clips(struct crop_worker *worker, const struct chunk_file_watch *watch)
{
    const struct crop_settings *settings = worker->item->settings;
    int64_t threads = settings->common.jobs - 1;
    struct decoder_counts counts;
    struct error error = {0};

    if (settings->output.sound && sound_read(&worker->sound, chunk_file_path(worker->file), watch, worker->sound_note,
                                             sizeof worker->sound_note, &error)) {
        fail_rest(worker, &error);
        return 0;
    }
    worker->task = (struct thread_pool_task){.work = write_frame, .processors = count_processors, .self = worker};
    worker->pool =
        thread_pool_alloc(&worker->task, threads < THREAD_POOL_THREADS_MAX ? (int)threads : THREAD_POOL_THREADS_MAX);
    if (!worker->pool)
        return -1;
    passes_run(worker, &error);
    fail_rest(worker, &error);
    counts = decoder_counts(worker->decoder);
    (void)job_report(worker->job,
                     json_pack("{s:{s:I, s:I, s:b, s:s*}}", "decoded", "frames", (json_int_t)counts.frames, "passed",
                               (json_int_t)counts.passed, "restarted", counts.has_restarted, "no_map", counts.no_map));
    return 0;
}

int crop_job_run(struct job *job, void *item)
{
    struct crop_worker worker = {.item = item, .job = job, .left = ((struct crop_job *)item)->count};
    const struct chunk_file_watch watch = {.alive = stay_alive, .self = job};
    struct error error = {0};
    int status = prepare_clips(&worker);

    limit_heap();
    if (!status) {
        report_known(&worker, open_chunk(&worker, &watch, &error) ? &error : NULL);
        if (worker.left)
            status = make_clips(&worker, &watch);
    }
    thread_pool_free(&worker.pool);
    sound_free(&worker.sound);
    rotate_close(&worker.rotate);
    decoder_close(&worker.decoder);
    chunk_file_close(&worker.file);
    for (size_t i = 0; worker.clips && i < worker.item->count; i++) {
        free(worker.clips[i].path);
        free(worker.clips[i].made_at);
    }
    free(worker.clips);
    free(worker.queues);
    return status;
}
