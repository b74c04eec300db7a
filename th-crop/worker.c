#include "th-crop/worker.h"

#include <libavutil/pixdesc.h>

#include "th-crop/plan/clip_place.h"
#include "th-crop/plan/memory.h"
#include "th-crop/plan/select.h"

static void report(struct crop_worker *worker, struct clip_task *clip, json_t *record)
{
    pthread_mutex_lock(&worker->lock);
    clip->is_done = true;
    worker->left--;
    /* A parent that is gone takes this child with it, so a report that fails needs no care. */
    (void)job_report(worker->job, json_pack("{s:I, s:o}", "tube", (json_int_t)clip->index, "record", record));
    pthread_mutex_unlock(&worker->lock);
}

void crop_job_say_alive(struct crop_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    job_alive(worker->job);
    pthread_mutex_unlock(&worker->lock);
}

void crop_job_report_failure(struct crop_worker *worker, struct clip_task *clip, const struct error *error)
{
    enum record_status status = error->word == ERROR_NOT_SELECTED ? STATUS_SKIPPED : STATUS_FAILED;
    struct error explained = *error;

    memory_explain(worker->order->settings->common.max_memory, &explained);
    clip_writer_abort(&clip->writer);
    report(worker, clip, crop_record_not_ok(&worker->order->origin, &clip->request->tube, status, &explained));
}

void crop_job_report_clip(struct crop_worker *worker, struct clip_task *clip, const struct clip_made *made, bool cached,
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
    made->has_sound = worker->order->settings->output.sound && clip_has_sound(clip->path);
    crop_job_report_clip(worker, clip, made, true, has_box);
}

void crop_job_fail_rest(struct crop_worker *worker, const struct error *error)
{
    for (size_t i = 0; i < worker->order->count; i++)
        if (!worker->clips[i].is_done)
            crop_job_report_failure(worker, &worker->clips[i], error);
}

int crop_job_find_box(const struct crop_worker *worker, struct clip_task *clip, int width, int height, int format,
                      struct error *error)
{
    const AVPixFmtDescriptor *pixels = av_pix_fmt_desc_get((enum AVPixelFormat)format);

    if (!pixels)
        return error_set(error, ERROR_UNREADABLE, "the chunk's pixel format is not known");
    clip->width = width;
    clip->height = height;
    if (box_from_tube(&clip->tube, width, height, pixels->log2_chroma_w, pixels->log2_chroma_h, &clip->box, error))
        return -1;
    return select_box(worker->order->settings, &clip->box, error);
}

/* The tube's box in pictures as the container says that they are. 0, or -1 and error. */
static int find_box_early(const struct crop_worker *worker, struct clip_task *clip, struct error *error)
{
    const struct picture_facts *facts = decoder_facts(worker->decoder);
    int width = facts->width, height = facts->height, format = facts->format;

    return rotate_kind(worker->rotate, &width, &height, &format, error) ||
                   crop_job_find_box(worker, clip, width, height, format, error)
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

void crop_job_settle(struct crop_worker *worker, const struct error *opened)
{
    const struct crop_settings *settings = worker->order->settings;

    for (size_t i = 0; i < worker->order->count; i++) {
        struct clip_task *clip = &worker->clips[i];
        struct error error = {0};
        bool may_stay = !settings->common.force && !clip->request->is_forced;
        bool has_box = !opened && !find_box_early(worker, clip, &error);
        struct clip_made made = {.frames = clip_frames(&settings->output, &clip->request->tube)};

        bool is_left_out = error.word == ERROR_NOT_SELECTED;

        if (!is_left_out && may_stay && clip_exists(settings, clip->path, &made.bytes))
            report_cached(worker, clip, &made, has_box);
        else if (is_left_out || tube_check(&clip->request->tube, &error) ||
                 (!opened && check_range(worker, clip, &error)))
            crop_job_report_failure(worker, clip, &error);
        else if (opened)
            crop_job_report_failure(worker, clip, opened);
    }
}
