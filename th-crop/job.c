#include "th-crop/job.h"

#include <libavutil/pixdesc.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "th-crop/job_internal.h"
#include "th-crop/passes.h"
#include "th-crop/plan/clip_target.h"
#include "th-crop/sound/sound_reader.h"

enum {
    HEAP_BLOCK_MAX = 1 << 17, /* bytes: larger ones are the system's as soon as they are free */
    CLOSE = 32 << 20          /* bytes: an allocation that failed was smaller, as a rule */
};

static void memory_keep_small(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_BLOCK_MAX);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_BLOCK_MAX);
#endif
}

/* The most address space that the process has had, in bytes; 0 when that is not known. */
static int64_t peak(void)
{
    static const char name[] = "VmPeak:";
    FILE *status = fopen("/proc/self/status", "re");
    char line[128];
    long long kibibytes = 0;

    while (status && !kibibytes && fgets(line, sizeof line, status))
        if (strncmp(line, name, strlen(name)) == 0)
            kibibytes = strtoll(line + strlen(name), NULL, 10);
    if (status)
        fclose(status);
    return kibibytes * 1024;
}

static void memory_explain(int64_t limit, struct error *error)
{
    char message[sizeof error->message];

    if (limit <= 0 || (error->word != ERROR_IO && error->word != ERROR_UNREADABLE) || peak() < limit - CLOSE)
        return;
    snprintf(message, sizeof message, "%s", error->message);
    error_set(error, ERROR_IO, "out of memory, of which a process may use %lld MiB: %s", (long long)(limit >> 20),
              message);
}

static void report(struct crop_worker *worker, struct clip_task *clip, json_t *record)
{
    pthread_mutex_lock(&worker->lock);
    clip->is_done = true;
    worker->left--;
    /* A parent that is gone takes this child with it, so a report that fails needs no care. */
    (void)job_report(worker->job, json_pack("{s:I, s:o}", "tube", (json_int_t)clip->index, "record", record));
    pthread_mutex_unlock(&worker->lock);
}

static void say_alive(struct crop_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    job_alive(worker->job);
    pthread_mutex_unlock(&worker->lock);
}

static void report_failure(struct crop_worker *worker, struct clip_task *clip, const struct error *error)
{
    enum record_status status = error->word == ERROR_NOT_SELECTED ? STATUS_SKIPPED : STATUS_FAILED;
    struct error explained = *error;

    memory_explain(worker->order->settings->common.max_memory, &explained);
    clip_writer_abort(&clip->writer);
    report(worker, clip, crop_record_not_ok(&worker->order->origin, &clip->request->tube, status, &explained));
}

static void report_clip(struct crop_worker *worker, struct clip_task *clip, const struct clip_made *made, bool cached,
                        bool has_box)
{
    const struct clip_facts facts = {.settings = &worker->order->settings->output,
                                     .path = clip->path,
                                     .cached = cached,
                                     .box = has_box ? &clip->box : NULL,
                                     .width = clip->width,
                                     .height = clip->height,
                                     .frames = made->frames,
                                     .sound = made->has_sound,
                                     .note = cached ? NULL : worker->sound_note,
                                     .bytes = made->bytes};

    report(worker, clip, crop_record_ok(&worker->order->origin, &clip->request->tube, &facts));
}

static void report_cached(struct crop_worker *worker, struct clip_task *clip, struct clip_made *made, bool has_box)
{
    made->has_sound = worker->order->settings->output.sound && clip_target_has_sound(clip->path);
    report_clip(worker, clip, made, true, has_box);
}

void crop_job_fail_rest(struct crop_worker *worker, const struct error *error)
{
    for (size_t i = 0; i < worker->order->count; i++)
        if (!worker->clips[i].is_done)
            report_failure(worker, &worker->clips[i], error);
}

static int find_box(const struct crop_worker *worker, struct clip_task *clip, int width, int height, int format,
                    struct error *error)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)format);

    if (!pixels)
        return error_set(error, ERROR_UNREADABLE, "the chunk's pixel format is not known");
    clip->width = width;
    clip->height = height;
    if (box_from_tube(&clip->tube, width, height, pixels->log2_chroma_w, pixels->log2_chroma_h, &clip->box, error))
        return -1;
    return clip_target_check_box(worker->order->settings, &clip->box, error);
}

/* The tube's box in pictures as the container says that they are. 0, or -1 and error. */
static int find_box_early(const struct crop_worker *worker, struct clip_task *clip, struct error *error)
{
    const struct picture_facts *facts = decoder_facts(worker->decoder);
    int width = facts->width, height = facts->height, format = facts->format;

    return rotate_kind(worker->rotate, &width, &height, &format, error) ||
                   find_box(worker, clip, width, height, format, error)
               ? -1
               : 0;
}

int crop_job_too_short(int64_t frames, struct error *error)
{
    return error_set(error, ERROR_OUT_OF_RANGE, "the chunk has %lld frames, fewer than the tube needs",
                     (long long)frames);
}

/* 0, or -1 and error when it is known beforehand that the chunk does not have all frames of the tube. */
static int check_range(const struct crop_worker *worker, struct clip_task *clip, struct error *error)
{
    int64_t frames = decoder_frames(worker->decoder);

    if (frames < 0 || clip->tube.end < frames)
        return 0;
    if (clip->tube.start < frames && find_box_early(worker, clip, error))
        return -1; /* what is found at its first frame comes first */
    return crop_job_too_short(frames, error);
}

static void settle(struct crop_worker *worker, const struct error *opened)
{
    const struct crop_settings *settings = worker->order->settings;

    for (size_t i = 0; i < worker->order->count; i++) {
        struct clip_task *clip = &worker->clips[i];
        struct error error = {0};
        bool may_stay = !settings->common.force && !clip->request->is_forced;
        bool has_box = !opened && !find_box_early(worker, clip, &error);
        struct clip_made made = {.frames = clip_target_frames(&settings->output, &clip->request->tube)};

        bool is_left_out = error.word == ERROR_NOT_SELECTED;

        if (!is_left_out && may_stay && clip_target_exists(settings, clip->path, &made.bytes))
            report_cached(worker, clip, &made, has_box);
        else if (is_left_out || tube_check(&clip->request->tube, &error) ||
                 (!opened && check_range(worker, clip, &error)))
            report_failure(worker, clip, &error);
        else if (opened)
            report_failure(worker, clip, opened);
    }
}

static int begin(struct crop_worker *worker, struct clip_task *clip, const AVFrame *frame, struct error *error)
{
    struct clip_writer_params order;

    if (find_box(worker, clip, frame->width, frame->height, frame->format, error))
        return -1;
    order = (struct clip_writer_params){.path = clip->path,
                                        .origin = &worker->order->origin,
                                        .tube = &clip->request->tube,
                                        .settings = &worker->order->settings->output,
                                        .facts = decoder_facts(worker->decoder),
                                        .box = clip->box,
                                        .sound = worker->sound,
                                        .opening = &worker->opening};
    order.zero = decoder_origin(worker->decoder, &order.zero_base);
    return clip_writer_open(&clip->writer, &order, frame, error);
}

/* Puts frame `number`, which its tube holds, into the clip. */
static void take_frame(void *self, struct thread_pool_queue *queue, const AVFrame *frame, int64_t number)
{
    struct crop_worker *worker = self;
    struct clip_task *clip = (struct clip_task *)queue;
    const struct tube *tube = &clip->tube;
    struct clip_made made;
    struct error error;

    if (clip->is_done) /* it has failed */
        return;
    if ((number == tube->start && begin(worker, clip, frame, &error)) || clip_writer_add(clip->writer, frame, &error) ||
        (number == tube->end && clip_writer_finish(&clip->writer, &made, &error)))
        report_failure(worker, clip, &error);
    else if (number == tube->end)
        report_clip(worker, clip, &made, false, true);
    say_alive(worker);
}

static int processors(void *self)
{
    const struct crop_worker *worker = self;

    return job_processors(worker->job);
}

/* Helpers for the other processors, as many as can be of use. */
static int start_threads(struct crop_worker *worker)
{
    static const struct thread_pool_task work = {.work = take_frame, .processors = processors};
    int64_t helpers = worker->order->settings->common.jobs - 1;

    worker->task = work;
    worker->task.self = worker;
    worker->pool =
        thread_pool_alloc(&worker->task, helpers < THREAD_POOL_THREADS_MAX ? (int)helpers : THREAD_POOL_THREADS_MAX);
    return worker->pool ? 0 : -1;
}

static void stay_alive(void *job)
{
    job_alive(job);
}

static int set_up(struct crop_worker *worker)
{
    worker->clips = calloc(worker->order->count, sizeof *worker->clips);
    worker->queues = calloc(worker->order->count, sizeof(struct thread_pool_queue *));
    if (!worker->clips || !worker->queues || pthread_mutex_init(&worker->lock, NULL) ||
        pthread_mutex_init(&worker->opening, NULL))
        return -1;
    for (size_t i = 0; i < worker->order->count; i++) {
        struct clip_task *clip = &worker->clips[i];

        clip->request = worker->order->requests[i];
        clip->index = i;
        (void)clip_target_trim(worker->order->settings, &clip->request->tube, &clip->tube, NULL);
        clip->path = clip_target_path(worker->order->settings, worker->order->origin.chunk, &clip->request->tube);
        if (!clip->path)
            return -1;
    }
    return 0;
}

/* Opens the chunk, which is in a file of its own or in its video. */
static int open_chunk(struct crop_worker *worker, struct error *error)
{
    const struct clip_origin *origin = &worker->order->origin;
    const struct chunk_file_watch watch = {.alive = stay_alive, .self = worker->job};
    struct chunk_range range;

    if (origin->range && chunk_range_from_json(&range, origin->range, error))
        return -1;
    if (chunk_file_open(&worker->file, origin->source, origin->range ? &range : NULL, &watch, error))
        return -1;
    return decoder_open(&worker->decoder, chunk_file_path(worker->file), error);
}

/* Reads the chunk's sound when clips are to keep it. 0, or -1 after all clips have failed. */
static int read_sound(struct crop_worker *worker)
{
    const struct chunk_file_watch watch = {.alive = stay_alive, .self = worker->job};
    struct error error;

    if (!worker->order->settings->output.sound || !sound_read(&worker->sound, chunk_file_path(worker->file), &watch,
                                                              worker->sound_note, sizeof worker->sound_note, &error))
        return 0;
    crop_job_fail_rest(worker, &error);
    return -1;
}

int crop_job_run(struct job *job, void *item)
{
    struct crop_worker worker = {.order = item, .job = job, .left = ((struct crop_job *)item)->count};
    struct error error = {0};
    int status = set_up(&worker);

    memory_keep_small();
    if (!status) {
        bool is_open = !open_chunk(&worker, &error) &&
                       !rotate_open(&worker.rotate, decoder_facts(worker.decoder)->display_matrix, &error);

        settle(&worker, is_open ? NULL : &error);
        if (worker.left && !read_sound(&worker))
            status = start_threads(&worker);
        if (worker.left && !status)
            passes_run(&worker);
    }
    thread_pool_free(&worker.pool);
    sound_free(&worker.sound);
    rotate_close(&worker.rotate);
    decoder_close(&worker.decoder);
    chunk_file_close(&worker.file);
    for (size_t i = 0; worker.clips && i < worker.order->count; i++)
        free(worker.clips[i].path);
    free(worker.clips);
    free(worker.queues);
    return status;
}
