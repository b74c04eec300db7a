#include "th-verify/report/contact_sheet.h"

#include <stdbool.h>

#include "common/av/media.h"
#include "common/stage/record.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/images.h"
#include "th-verify/report/jpeg.h"

static void pass_over(void *self, const char *what, int result)
{
    (void)self;
    (void)what;
    (void)result;
}

/* A clip that is a video, open. */
struct film {
    AVFormatContext *format;
    int video; /* index of its stream, -1: there is none */
    struct job *job;
    int side;         /* pixels, of the pictures to be made */
    json_t *pictures; /* where they go */
};

/* The first frame that is not before target (in the stream's time base), or else the last one that there is. 0, or -1
 * when there is none. */
static int find_frame(const struct film *film, int64_t target, AVFrame *found)
{
    static const struct frame_reader_faults faults = {.tell = pass_over};
    AVFrame *frame = av_frame_alloc();
    struct frame_reader *frames = NULL;
    bool is_there = false;
    struct error error;

    if (!frame || frame_reader_open_clip(&frames, film->format, film->video, film->job, &faults, &error))
        goto end;
    while (!is_there && frame_reader_next(frames, frame, &error) > 0) {
        is_there = target == INT64_MIN ||
                   (frame->best_effort_timestamp != AV_NOPTS_VALUE && frame->best_effort_timestamp >= target);
        av_frame_unref(found);
        av_frame_move_ref(found, frame);
    }
end:
    frame_reader_close(&frames);
    av_frame_free(&frame);
    return found->buf[0] ? 0 : -1;
}

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

/* Appends the picture of the frame at target, if there is one. INT64_MIN is the first frame, INT64_MAX the last one. */
static void add_frame(const struct film *film, int64_t seek_to, int64_t target)
{
    AVFrame *frame = av_frame_alloc();

    if (!frame)
        return;
    /* Where there is no way to seek, what follows is decoded to the end. */
    if (target != INT64_MIN)
        (void)av_seek_frame(film->format, film->video, seek_to, AVSEEK_FLAG_BACKWARD);
    if (!find_frame(film, target, frame))
        add_picture(film->pictures, frame, film->side);
    av_frame_free(&frame);
}

static void show_film(struct film *film, const char *path)
{
    struct error error;

    if (!media_open(&film->format, path, &error))
        film->video = media_video_stream(film->format, &error);
    if (film->video >= 0) {
        const AVStream *stream = film->format->streams[film->video];
        int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
        int64_t length = stream->duration == AV_NOPTS_VALUE ? 0 : stream->duration;

        add_frame(film, 0, INT64_MIN);
        add_frame(film, start + length / 2, start + length / 2);
        add_frame(film, start + length, INT64_MAX);
    }
    media_close(&film->format);
}

/* Shows a clip that is a folder of pictures. */
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

/* A clip that cannot be opened or shows nothing has an empty sheet. */
static int work(struct job *job, void *item)
{
    const struct contact_sheet *sheet = item;
    const char *path = record_text(sheet->record, "path");
    struct film film = {.video = -1, .job = job, .side = sheet->side, .pictures = json_array()};

    if (images_kind(sheet->record))
        show_images(sheet, path, film.pictures);
    else
        show_film(&film, path);
    return job_report(job, json_pack("{s:o}", "pictures", film.pictures));
}

static void report(void *owner, void *item, json_t *record)
{
    struct contact_sheet *sheet = item;

    (void)owner;
    json_decref(sheet->pictures);
    sheet->pictures = json_incref(json_object_get(record, "pictures"));
}

static void ended(void *owner, void *item, const struct error *fault)
{
    struct contact_sheet *sheet = item;

    (void)owner;
    (void)fault; /* then there are no pictures */
    --*sheet->unfinished;
}

const struct job_task contact_sheet_task = {.work = work, .report = report, .ended = ended};

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
