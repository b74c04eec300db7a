#include "th-crop/passes.h"

#include <stdlib.h>

enum pass_result {
    PASS_DONE,
    PASS_BROKE, /* frames did not come as the map of packets says, or did not decode */
    PASS_FAILED /* nothing to be mended by another pass */
};

/* The clips that passes are for. */
struct selection {
    struct clip_task **clips;
    size_t count;
};

/* Cuts by their first frames. */
static int compare_clips(const void *a, const void *b)
{
    const struct clip_task *x = *(struct clip_task *const *)a, *y = *(struct clip_task *const *)b;

    if (x->tube.start != y->tube.start)
        return x->tube.start < y->tube.start ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Takes all clips that are not done, in the order of their first frames: what is damaged then is the trouble of
 * neighbours, and few halves hold any of them. There is room for every clip. */
static void select_left(struct crop_worker *worker, struct selection *selection)
{
    selection->count = 0;
    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < worker->order->count; i++)
        if (!worker->clips[i].is_done)
            selection->clips[selection->count++] = &worker->clips[i];
    pthread_mutex_unlock(&worker->lock);
    qsort(selection->clips, selection->count, sizeof(struct clip_task *), compare_clips);
}

static struct frame_range range_of(const struct clip_task *clip)
{
    return (struct frame_range){clip->tube.start, clip->tube.end};
}

/* Leaves the clips that are not done. */
static void drop_done(struct crop_worker *worker, struct selection *selection)
{
    size_t left = 0;

    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < selection->count; i++)
        if (!selection->clips[i]->is_done)
            selection->clips[left++] = selection->clips[i];
    pthread_mutex_unlock(&worker->lock);
    selection->count = left;
}

/* Leaves the clips that do not need the packet that has broken the pass. Returns whether there were others. */
static bool drop_broken(struct crop_worker *worker, struct selection *selection)
{
    size_t left = 0, count = selection->count;

    for (size_t i = 0; i < count; i++) {
        const struct frame_range range = range_of(selection->clips[i]);

        if (!decoder_faults(worker->decoder, &range))
            selection->clips[left++] = selection->clips[i];
    }
    selection->count = left;
    return left < count;
}

/* Gives frame `number` to the clips whose tubes hold it. 0, or -1 and error. */
static int give_frame(struct crop_worker *worker, const struct selection *selection, const AVFrame *frame,
                      int64_t number, struct error *error)
{
    size_t count = 0;

    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < selection->count; i++) {
        struct clip_task *clip = selection->clips[i];

        if (!clip->is_done && number >= clip->tube.start && number <= clip->tube.end)
            worker->queues[count++] = &clip->queue;
    }
    job_alive(worker->job);
    pthread_mutex_unlock(&worker->lock);
    return thread_pool_give(worker->pool, worker->queues, count, frame, number)
               ? error_set(error, ERROR_IO, "out of memory")
               : 0;
}

/* The last frame that a clip needs that is not done; -1 when all are. */
static int64_t last_needed(struct crop_worker *worker, const struct selection *selection)
{
    int64_t last = -1;

    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; worker->left && i < selection->count; i++)
        if (!selection->clips[i]->is_done && selection->clips[i]->tube.end > last)
            last = selection->clips[i]->tube.end;
    pthread_mutex_unlock(&worker->lock);
    return last;
}

/* Has the decoder begin, and give what the clips need. 0, or -1 and error. */
static int choose(struct crop_worker *worker, const struct selection *selection, struct error *error)
{
    struct frame_range *ranges = calloc(selection->count, sizeof *ranges);
    int status;

    if (!ranges)
        return error_set(error, ERROR_IO, "out of memory");
    for (size_t i = 0; i < selection->count; i++)
        ranges[i] = range_of(selection->clips[i]);
    status = decoder_choose(worker->decoder, ranges, selection->count, error);
    free(ranges);
    return status;
}

static int turn_and_give(struct crop_worker *worker, const struct selection *selection, AVFrame *frame, int64_t number,
                         struct error *error)
{
    int status = rotate_frame(worker->rotate, frame, error);

    if (!status)
        status = give_frame(worker, selection, frame, number, error);
    av_frame_unref(frame);
    return status;
}

/* Decodes until no clip of the selection needs more. The clips of those that are not done then are not begun; error
 * says why they are not. */
static enum pass_result pass(struct crop_worker *worker, const struct selection *selection, AVFrame *frame,
                             struct error *error)
{
    enum pass_result result = choose(worker, selection, error) ? PASS_FAILED : PASS_DONE;
    int64_t number = -1;

    while (result == PASS_DONE && number < last_needed(worker, selection)) {
        int status = decoder_next(worker->decoder, frame, &number, error);

        if (status < 0)
            result = PASS_BROKE;
        else if (status ? turn_and_give(worker, selection, frame, number, error)
                        : crop_job_too_short(number + 1, error))
            result = PASS_FAILED;
    }
    thread_pool_finish(worker->pool);
    for (size_t i = 0; i < selection->count; i++)
        clip_writer_abort(&selection->clips[i]->writer);
    return result;
}

/* A pass for all. When it breaks, those that do not need what broke it have another one; where that is not known, each
 * half of the clips that are not done has one of its own. So damage costs no clip that does not need it, whatever clips
 * are worked on together. */
static enum pass_result pass_divided(struct crop_worker *worker, struct selection all, AVFrame *frame,
                                     struct error *error)
{
    enum pass_result result;
    struct selection head = all, tail = all;
    size_t count = all.count;

    if (!count)
        return PASS_DONE;
    result = pass(worker, &all, frame, error);
    if (result != PASS_BROKE || count == 1)
        return result;
    drop_done(worker, &all);
    if (drop_broken(worker, &all))
        return pass_divided(worker, all, frame, error);
    head.count = all.count / 2;
    tail.clips = all.clips + head.count;
    tail.count = all.count - head.count;
    result = pass_divided(worker, head, frame, error);
    return result == PASS_FAILED ? result : pass_divided(worker, tail, frame, error);
}

/* Tells the parent how much was decoded. */
static void report_decoded(struct crop_worker *worker)
{
    struct decoder_counts counts = decoder_counts(worker->decoder);

    (void)job_report(worker->job,
                     json_pack("{s:{s:I, s:I, s:b, s:s*}}", "decoded", "frames", (json_int_t)counts.frames, "passed",
                               (json_int_t)counts.passed, "restarted", counts.has_restarted, "no_map", counts.no_map));
}

/* The clips that break every pass by the map are tried once more without one. selection has room for every clip. */
static void pass_all(struct crop_worker *worker, struct selection *selection, AVFrame *frame, struct error *error)
{
    enum pass_result result = PASS_BROKE;

    select_left(worker, selection);
    if (decoder_has_map(worker->decoder))
        result = pass_divided(worker, *selection, frame, error);
    select_left(worker, selection);
    if (result == PASS_FAILED || !selection->count)
        return;
    decoder_drop_map(worker->decoder);
    pass(worker, selection, frame, error);
}

void passes_run(struct crop_worker *worker)
{
    struct selection selection = {.clips = calloc(worker->order->count, sizeof(struct clip_task *))};
    AVFrame *frame = av_frame_alloc();
    struct error error = {0};

    if (frame && selection.clips)
        pass_all(worker, &selection, frame, &error);
    else
        error_set(&error, ERROR_IO, "out of memory");
    crop_job_fail_rest(worker, &error);
    report_decoded(worker);
    av_frame_free(&frame);
    free(selection.clips);
}
