#include "th-crop/crop_job.h"

#include <stdlib.h>

#include "th-crop/clip_place.h"
#include "th-crop/crop_worker.h"
#include "th-crop/memory.h"
#include "th-crop/select.h"
#include "th-crop/sound_read.h"

static int begin(struct worker *worker, struct cut *cut, const AVFrame *frame, struct error *error)
{
    struct clip_order order;

    if (worker_find_box(worker, cut, frame->width, frame->height, frame->format, error))
        return -1;
    order = (struct clip_order){.path = cut->path,
                                .origin = &worker->order->origin,
                                .tube = &cut->want->tube,
                                .settings = &worker->order->settings->output,
                                .facts = decoder_facts(worker->decoder),
                                .box = cut->box,
                                .sound = worker->sound,
                                .opening = &worker->opening};
    order.zero = decoder_origin(worker->decoder, &order.zero_base);
    return clip_writer_open(&cut->writer, &order, frame, error);
}

/* Puts frame `number`, which its tube holds, into the clip. */
static void take_frame(void *self, struct crew_lane *lane, const AVFrame *frame, int64_t number)
{
    struct worker *worker = self;
    struct cut *cut = (struct cut *)lane;
    const struct tube *tube = &cut->tube;
    struct clip_made made;
    struct error error;

    if (cut->is_done) /* it has failed */
        return;
    if ((number == tube->start && begin(worker, cut, frame, &error)) || clip_writer_add(cut->writer, frame, &error) ||
        (number == tube->end && clip_writer_finish(&cut->writer, &made, &error)))
        worker_report_failure(worker, cut, &error);
    else if (number == tube->end)
        worker_report_clip(worker, cut, &made, false, true);
    worker_say_alive(worker);
}

static int processors(void *self)
{
    const struct worker *worker = self;

    return job_processors(worker->job);
}

/* Gives frame `number` to the cuts whose tubes hold it. 0, or -1 and error. */
static int give_frame(struct worker *worker, const AVFrame *frame, int64_t number, struct error *error)
{
    size_t count = 0;

    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < worker->order->count; i++) {
        struct cut *cut = &worker->cuts[i];

        if (!cut->is_done && number >= cut->tube.start && number <= cut->tube.end)
            worker->lanes[count++] = &cut->lane;
    }
    job_alive(worker->job);
    pthread_mutex_unlock(&worker->lock);
    return crew_give(worker->crew, worker->lanes, count, frame, number) ? error_set(error, ERROR_IO, "out of memory")
                                                                        : 0;
}

/* The last frame that a cut needs that is not done; -1 when all are. */
static int64_t last_needed(struct worker *worker)
{
    int64_t last = -1;

    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; worker->left && i < worker->order->count; i++)
        if (!worker->cuts[i].is_done && worker->cuts[i].tube.end > last)
            last = worker->cuts[i].tube.end;
    pthread_mutex_unlock(&worker->lock);
    return last;
}

/* Has the decoder give what the cuts need that are not done. 0, or -1 and error. */
static int choose(struct worker *worker, struct error *error)
{
    struct frame_range *ranges = calloc(worker->order->count, sizeof *ranges);
    size_t count = 0;
    int status;

    if (!ranges)
        return error_set(error, ERROR_IO, "out of memory");
    for (size_t i = 0; i < worker->order->count; i++) {
        const struct tube *tube = &worker->cuts[i].tube;

        if (!worker->cuts[i].is_done)
            ranges[count++] = (struct frame_range){tube->start, tube->end};
    }
    status = decoder_choose(worker->decoder, ranges, count, error);
    free(ranges);
    return status;
}

/* Frames did not come as the map of packets says, or did not decode: the clips that are begun are begun anew. False
 * when they fail. */
static bool start_over(struct worker *worker)
{
    crew_finish(worker->crew);
    if (!decoder_start_over(worker->decoder))
        return false;
    for (size_t i = 0; i < worker->order->count; i++)
        clip_writer_abort(&worker->cuts[i].writer);
    return true;
}

/* Tells the parent how much was decoded. */
static void report_decoded(struct worker *worker)
{
    struct decoder_counts counts = decoder_counts(worker->decoder);

    (void)job_report(worker->job,
                     json_pack("{s:{s:I, s:I, s:b, s:s*}}", "decoded", "frames", (json_int_t)counts.frames, "passed",
                               (json_int_t)counts.passed, "restarted", counts.has_restarted, "no_map", counts.no_map));
}

/* Decodes until no cut needs more, and gives the frames to the crew. */
static void decode(struct worker *worker)
{
    AVFrame *frame = av_frame_alloc();
    struct error error = {0};
    int64_t number = -1;
    int status;

    if (!frame)
        status = error_set(&error, ERROR_IO, "out of memory");
    else
        status = choose(worker, &error);
    while (status >= 0 && number < last_needed(worker)) {
        status = decoder_next(worker->decoder, frame, &number, &error);
        if (status > 0) {
            status = turner_turn(worker->turner, frame, &error);
            if (!status)
                status = give_frame(worker, frame, number, &error);
            av_frame_unref(frame);
        } else if (status == 0) {
            status = worker_say_too_short(number + 1, &error);
        } else if (start_over(worker)) {
            status = 0;
            number = -1;
        }
    }
    crew_finish(worker->crew);
    worker_fail_rest(worker, &error);
    report_decoded(worker);
    av_frame_free(&frame);
}

/* Helpers for the other processors, as many as can be of use. */
static int hire(struct worker *worker)
{
    static const struct crew_task work = {.work = take_frame, .processors = processors};
    int64_t helpers = worker->order->settings->common.jobs - 1;

    worker->task = work;
    worker->task.self = worker;
    worker->crew = crew_alloc(&worker->task, helpers < CREW_HELPERS_MAX ? (int)helpers : CREW_HELPERS_MAX);
    return worker->crew ? 0 : -1;
}

static void stay_alive(void *job)
{
    job_alive(job);
}

static int set_up(struct worker *worker)
{
    worker->cuts = calloc(worker->order->count, sizeof *worker->cuts);
    worker->lanes = calloc(worker->order->count, sizeof(struct crew_lane *));
    if (!worker->cuts || !worker->lanes || pthread_mutex_init(&worker->lock, NULL) ||
        pthread_mutex_init(&worker->opening, NULL))
        return -1;
    for (size_t i = 0; i < worker->order->count; i++) {
        struct cut *cut = &worker->cuts[i];

        cut->want = worker->order->wants[i];
        cut->index = i;
        (void)select_frames(worker->order->settings, &cut->want->tube, &cut->tube, NULL);
        cut->path = clip_path(worker->order->settings, worker->order->origin.chunk, &cut->want->tube);
        if (!cut->path)
            return -1;
    }
    return 0;
}

/* Opens the chunk, which is in a file of its own or in its video. */
static int open_chunk(struct worker *worker, struct error *error)
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

/* Reads the chunk's sound when clips are to keep it. 0, or -1 after all cuts have failed. */
static int read_sound(struct worker *worker)
{
    const struct chunk_file_watch watch = {.alive = stay_alive, .self = worker->job};
    struct error error;

    if (!worker->order->settings->output.sound || !sound_read(&worker->sound, chunk_file_path(worker->file), &watch,
                                                              worker->sound_note, sizeof worker->sound_note, &error))
        return 0;
    worker_fail_rest(worker, &error);
    return -1;
}

int crop_job_work(struct job *job, void *item)
{
    struct worker worker = {.order = item, .job = job, .left = ((struct crop_job *)item)->count};
    struct error error = {0};
    int status = set_up(&worker);

    memory_keep_small();
    if (!status) {
        bool is_open = !open_chunk(&worker, &error) &&
                       !turner_open(&worker.turner, decoder_facts(worker.decoder)->display_matrix, &error);

        worker_settle(&worker, is_open ? NULL : &error);
        if (worker.left && !read_sound(&worker))
            status = hire(&worker);
        if (worker.left && !status)
            decode(&worker);
    }
    crew_free(&worker.crew);
    sound_free(&worker.sound);
    turner_close(&worker.turner);
    decoder_close(&worker.decoder);
    chunk_file_close(&worker.file);
    for (size_t i = 0; worker.cuts && i < worker.order->count; i++)
        free(worker.cuts[i].path);
    free(worker.cuts);
    free(worker.lanes);
    return status;
}
