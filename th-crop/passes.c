#include "th-crop/passes.h"

#include <stdlib.h>

enum pass_result {
    PASS_DONE,
    PASS_BROKEN, /* a frame did not decode, or came otherwise than the packets say */
    PASS_FAILED  /* another pass would not help */
};

/* Clips sorted by their first frames. Those that one damaged packet hits are then adjacent, so that halving separates
 * them from the rest. */
struct selection {
    struct clip_task **clips;
    size_t count;
};

static int compare_clips(const void *a, const void *b)
{
    const struct clip_task *x = *(struct clip_task *const *)a, *y = *(struct clip_task *const *)b;

    if (x->tube.start != y->tube.start)
        return x->tube.start < y->tube.start ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Selects all clips that are not done. The selection has room for every clip; no thread works meanwhile. */
static void select_left(const struct crop_worker *worker, struct selection *selection)
{
    selection->count = 0;
    for (size_t i = 0; i < worker->item->count; i++)
        if (!worker->clips[i].is_done)
            selection->clips[selection->count++] = &worker->clips[i];
    qsort(selection->clips, selection->count, sizeof(struct clip_task *), compare_clips);
}

/* Drops the clips that are done or need the packet that broke the pass. Returns true if any needed it. No thread works
 * meanwhile. */
static bool drop_broken(const struct crop_worker *worker, struct selection *selection)
{
    size_t left = 0, broken = 0;

    for (size_t i = 0; i < selection->count; i++) {
        struct clip_task *clip = selection->clips[i];

        if (clip->is_done)
            continue;
        if (decoder_faults(worker->decoder, &(struct frame_range){clip->tube.start, clip->tube.end}))
            broken++;
        else
            selection->clips[left++] = clip;
    }
    selection->count = left;
    return broken;
}

/* Restarts the decoder for the frames of the selection. 0, or -1 and error. */
static int start_decoder(struct crop_worker *worker, const struct selection *selection, struct error *error)
{
    struct frame_range *ranges = calloc(selection->count, sizeof *ranges);
    int status;

    if (!ranges)
        return error_set(error, ERROR_IO, "out of memory");
    for (size_t i = 0; i < selection->count; i++)
        ranges[i] = (struct frame_range){selection->clips[i]->tube.start, selection->clips[i]->tube.end};
    status = decoder_choose(worker->decoder, ranges, selection->count, error);
    free(ranges);
    return status;
}

/* The last frame that a clip which is not done needs; -1 when all are done. */
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

/* Rotates frame `number` if need be, and queues it for the clips whose tubes hold it. 0, or -1 and error. */
static int give_frame(struct crop_worker *worker, const struct selection *selection, AVFrame *frame, int64_t number,
                      struct error *error)
{
    size_t count = 0;

    if (rotate_frame(worker->rotate, frame, error))
        return -1;
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

int passes_too_short(int64_t frames, const struct tube *tube, struct error *error)
{
    return error_set(error, ERROR_OUT_OF_RANGE, "the tube needs %lld frames, and the chunk has %lld",
                     (long long)tube->end + 1, (long long)frames);
}

/* Sets error to out_of_range and returns -1. */
static int chunk_ended(struct crop_worker *worker, int64_t frames, struct error *error)
{
    worker->end = frames;
    return error_set(error, ERROR_OUT_OF_RANGE, "the chunk has %lld frames", (long long)frames);
}

/* Decodes until no clip of the selection needs more. What was written of clips that are not done by then is discarded;
 * error says why they are not. */
static enum pass_result run_pass(struct crop_worker *worker, const struct selection *selection, AVFrame *frame,
                                 struct error *error)
{
    enum pass_result result = start_decoder(worker, selection, error) ? PASS_FAILED : PASS_DONE;
    int64_t number = -1;

    while (result == PASS_DONE && number < last_needed(worker, selection)) {
        int status = decoder_next(worker->decoder, frame, &number, error);

        if (status < 0)
            result = PASS_BROKEN;
        else if (status ? give_frame(worker, selection, frame, number, error) : chunk_ended(worker, number + 1, error))
            result = PASS_FAILED;
        av_frame_unref(frame);
    }
    thread_pool_finish(worker->pool);
    for (size_t i = 0; i < selection->count; i++)
        clip_writer_abort(&selection->clips[i]->writer);
    return result;
}

/* Runs a pass for all. If it breaks, the clips that do not need the damaged packet have another pass. If that packet is
 * not known, each half of the clips has a pass of its own. So a clip fails only if it needs what is damaged, whichever
 * clips are made with it. */
static enum pass_result run_divided(struct crop_worker *worker, struct selection all, AVFrame *frame,
                                    struct error *error)
{
    enum pass_result result;
    struct selection tail;
    size_t count = all.count;

    if (!count)
        return PASS_DONE;
    result = run_pass(worker, &all, frame, error);
    if (result != PASS_BROKEN || count == 1)
        return result;
    if (drop_broken(worker, &all))
        return run_divided(worker, all, frame, error);
    tail = (struct selection){all.clips + all.count / 2, all.count - all.count / 2};
    all.count /= 2;
    result = run_divided(worker, all, frame, error);
    return result == PASS_FAILED ? result : run_divided(worker, tail, frame, error);
}

void passes_run(struct crop_worker *worker, struct error *error)
{
    struct selection selection = {.clips = calloc(worker->item->count, sizeof(struct clip_task *))};
    AVFrame *frame = av_frame_alloc();
    enum pass_result result = PASS_BROKEN;

    if (!frame || !selection.clips) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    select_left(worker, &selection);
    if (decoder_frames(worker->decoder) >= 0)
        result = run_divided(worker, selection, frame, error);
    select_left(worker, &selection);
    if (result != PASS_FAILED && selection.count) { /* the map may be wrong for these: decode everything */
        decoder_drop_map(worker->decoder);
        run_pass(worker, &selection, frame, error);
    }
end:
    av_frame_free(&frame);
    free(selection.clips);
}
