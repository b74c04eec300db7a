#include "th-verify/sheet.h"

#include <stdbool.h>

#include "common/media.h"
#include "common/record.h"
#include "th-verify/frames.h"
#include "th-verify/jpeg.h"

static void pass_over(void *self, const char *what, int result)
{
    (void)self;
    (void)what;
    (void)result;
}

/* The first frame that is not before target (in the stream's time base), or else the last one that there is. 0, or -1
 * when there is none. */
static int find_frame(AVFormatContext *format, int video, struct job *job, int64_t target, AVFrame *found)
{
    static const struct frames_faults faults = {.tell = pass_over};
    AVFrame *frame = av_frame_alloc();
    struct frames *frames = NULL;
    bool is_there = false;
    struct error error;

    if (!frame || frames_of_clip(&frames, format, video, job, &faults, &error))
        goto end;
    while (!is_there && frames_next(frames, frame, &error) > 0) {
        is_there = target == INT64_MIN ||
                   (frame->best_effort_timestamp != AV_NOPTS_VALUE && frame->best_effort_timestamp >= target);
        av_frame_unref(found);
        av_frame_move_ref(found, frame);
    }
end:
    frames_close(&frames);
    av_frame_free(&frame);
    return found->buf[0] ? 0 : -1;
}

/* Appends the picture of the frame at target, if there is one. INT64_MIN is the first frame, INT64_MAX the last one. */
static void add_picture(AVFormatContext *format, int video, struct job *job, int64_t seek_to, int64_t target,
                        json_t *pictures)
{
    AVFrame *frame = av_frame_alloc();
    struct error error;
    int width, height;
    char *text = NULL;

    if (!frame)
        return;
    /* Where there is no way to seek, what follows is decoded to the end. */
    if (target != INT64_MIN)
        (void)av_seek_frame(format, video, seek_to, AVSEEK_FLAG_BACKWARD);
    if (!find_frame(format, video, job, target, frame))
        text = jpeg_text(frame, SHEET_SIDE_MAX, &width, &height, &error);
    if (text)
        (void)json_array_append_new(pictures,
                                    json_pack("{s:s, s:i, s:i}", "jpeg", text, "width", width, "height", height));
    av_free(text);
    av_frame_free(&frame);
}

/* A clip that cannot be opened or shows nothing has an empty sheet. */
static int work(struct job *job, void *item)
{
    const struct sheet *sheet = item;
    json_t *pictures = json_array();
    AVFormatContext *format = NULL;
    struct error error;
    int video = -1;

    if (!media_open(&format, record_text(sheet->record, "path"), &error))
        video = media_video_stream(format, &error);
    if (video >= 0) {
        const AVStream *stream = format->streams[video];
        int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
        int64_t length = stream->duration == AV_NOPTS_VALUE ? 0 : stream->duration;

        add_picture(format, video, job, 0, INT64_MIN, pictures);
        add_picture(format, video, job, start + length / 2, start + length / 2, pictures);
        add_picture(format, video, job, start + length, INT64_MAX, pictures);
    }
    media_close(&format);
    return job_report(job, json_pack("{s:o}", "pictures", pictures));
}

static void report(void *owner, void *item, json_t *record)
{
    struct sheet *sheet = item;

    (void)owner;
    json_decref(sheet->pictures);
    sheet->pictures = json_incref(json_object_get(record, "pictures"));
}

static void ended(void *owner, void *item, const struct error *fault)
{
    struct sheet *sheet = item;

    (void)owner;
    (void)fault; /* then there are no pictures */
    --*sheet->unfinished;
}

const struct job_task sheet_task = {.work = work, .report = report, .ended = ended};

const char *sheet_picture(const struct sheet *sheet, int k, int *width, int *height)
{
    const json_t *picture = json_array_get(sheet->pictures, (size_t)k);

    *width = (int)json_integer_value(json_object_get(picture, "width"));
    *height = (int)json_integer_value(json_object_get(picture, "height"));
    return *width > 0 && *height > 0 ? record_text(picture, "jpeg") : NULL;
}

void sheet_clear(struct sheet *sheet)
{
    json_decref(sheet->pictures);
    sheet->pictures = NULL;
}
