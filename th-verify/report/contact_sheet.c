#include "th-verify/report/contact_sheet.h"

#include <stdbool.h>

#include "common/av/media.h"
#include "common/stage/record.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/images.h"
#include "th-verify/report/jpeg.h"

static void ignore_fault(void *self, const char *what, int result)
{
    (void)self;
    (void)what;
    (void)result;
}

/* A clip that is a video file. */
struct video_clip {
    AVFormatContext *format;
    int video; /* index of its stream, -1: there is none */
    struct job *job;
    int side;         /* pixels, of the pictures to be made */
    json_t *pictures; /* where they go */
};

static void add_picture(json_t *pictures, const AVFrame *frame, int side)
{
    struct error error;
    int width, height;
    char *text = jpeg_text(frame, side, &width, &height, &error);

    if (text)
        (void)json_array_append_new(pictures,
                                    json_pack("{s:s, s:i, s:i}", "jpeg", text, "width", width, "height", height));
    av_free(text);
}

/* Appends the picture of the first frame that is not before target (in the stream's time base), or of the last frame.
 * INT64_MIN is the first frame, INT64_MAX the last one. */
static void add_frame(const struct video_clip *clip, int64_t seek_to, int64_t target)
{
    static const struct frame_reader_faults faults = {.tell = ignore_fault};
    AVFrame *frame = av_frame_alloc(), *found = av_frame_alloc();
    struct frame_reader *frames = NULL;
    bool is_there = false;
    struct error error;

    /* When seeking fails, decoding goes on from the current position. */
    if (target != INT64_MIN)
        (void)av_seek_frame(clip->format, clip->video, seek_to, AVSEEK_FLAG_BACKWARD);
    if (frame && found && !frame_reader_open_clip(&frames, clip->format, clip->video, clip->job, &faults, &error))
        while (!is_there && frame_reader_next(frames, frame, &error) > 0) {
            is_there = target == INT64_MIN ||
                       (frame->best_effort_timestamp != AV_NOPTS_VALUE && frame->best_effort_timestamp >= target);
            av_frame_unref(found);
            av_frame_move_ref(found, frame);
        }
    if (found && found->buf[0])
        add_picture(clip->pictures, found, clip->side);
    frame_reader_close(&frames);
    av_frame_free(&found);
    av_frame_free(&frame);
}

static void show_video(struct video_clip *clip, const char *path)
{
    struct error error;

    if (!media_open(&clip->format, path, &error))
        clip->video = media_video_stream(clip->format, &error);
    if (clip->video >= 0) {
        const AVStream *stream = clip->format->streams[clip->video];
        int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
        int64_t length = stream->duration == AV_NOPTS_VALUE ? 0 : stream->duration;

        add_frame(clip, 0, INT64_MIN);
        add_frame(clip, start + length / 2, start + length / 2);
        add_frame(clip, start + length, INT64_MAX);
    }
    avformat_close_input(&clip->format);
}

/* The same for a clip that is a folder of images. */
static void show_images(const struct contact_sheet *sheet, const char *path, json_t *pictures)
{
    const char *kind = images_kind(sheet->record);
    AVFrame *frame = av_frame_alloc();
    struct error error;
    int64_t count;
    size_t size;

    if (frame && !images_count(path, &count, &error) && count) {
        const int64_t numbers[CONTACT_SHEET_PICTURES] = {0, count / 2, count - 1};

        for (int k = 0; k < CONTACT_SHEET_PICTURES; k++) {
            if (!images_read(path, kind, numbers[k], frame, &size))
                add_picture(pictures, frame, sheet->side);
            av_frame_unref(frame);
        }
    }
    av_frame_free(&frame);
}

/* In the child. A clip without frames has an empty sheet. */
static int make_sheet(struct job *job, void *item)
{
    const struct contact_sheet *sheet = item;
    const char *path = record_text(sheet->record, "path");
    struct video_clip clip = {.video = -1, .job = job, .side = sheet->side, .pictures = json_array()};

    if (images_kind(sheet->record))
        show_images(sheet, path, clip.pictures);
    else
        show_video(&clip, path);
    return job_report(job, json_pack("{s:o}", "pictures", clip.pictures));
}

static void take_pictures(void *owner, void *item, json_t *record)
{
    struct contact_sheet *sheet = item;

    (void)owner;
    json_decref(sheet->pictures);
    sheet->pictures = json_incref(json_object_get(record, "pictures"));
}

static void count_down(void *owner, void *item, const struct error *fault)
{
    struct contact_sheet *sheet = item;

    (void)owner;
    (void)fault; /* then there are no pictures */
    --*sheet->unfinished;
}

const struct job_task contact_sheet_task = {.work = make_sheet, .report = take_pictures, .ended = count_down};

const char *contact_sheet_picture(const struct contact_sheet *sheet, int k, int *width, int *height)
{
    const json_t *picture = json_array_get(sheet->pictures, (size_t)k);

    *width = (int)json_integer_value(json_object_get(picture, "width"));
    *height = (int)json_integer_value(json_object_get(picture, "height"));
    return *width > 0 && *height > 0 ? record_text(picture, "jpeg") : NULL;
}

void contact_sheet_clear(struct contact_sheet *sheet)
{
    json_decref(sheet->pictures);
    sheet->pictures = NULL;
}
