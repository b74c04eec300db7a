#include "th-crop/job.h"

#include <stdlib.h>

#include "th-crop/passes.h"
#include "th-crop/plan/clip_place.h"
#include "th-crop/plan/memory.h"
#include "th-crop/plan/select.h"
#include "th-crop/sound/sound_reader.h"
#include "th-crop/worker.h"

static int begin(struct crop_worker *worker, struct clip_task *clip, const AVFrame *frame, struct error *error)
{
    struct clip_writer_params order;

    if (crop_job_find_box(worker, clip, frame->width, frame->height, frame->format, error))
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
        crop_job_report_failure(worker, clip, &error);
    else if (number == tube->end)
        crop_job_report_clip(worker, clip, &made, false, true);
    crop_job_say_alive(worker);
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
        (void)select_frames(worker->order->settings, &clip->request->tube, &clip->tube, NULL);
        clip->path = clip_path(worker->order->settings, worker->order->origin.chunk, &clip->request->tube);
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

        crop_job_settle(&worker, is_open ? NULL : &error);
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
