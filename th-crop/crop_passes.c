#include "th-crop/crop_passes.h"

#include <stdlib.h>

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

void crop_passes(struct worker *worker)
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
