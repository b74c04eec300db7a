#include "th-verify/report/contact_sheet.h"

#include <libavcodec/avcodec.h>
#include <libavutil/base64.h>
#include <libswscale/swscale.h>
#include <stdbool.h>

#include "common/av/media.h"
#include "common/stage/record.h"
#include "th-verify/measure/frame_reader.h"
#include "th-verify/measure/images.h"

enum { QUALITY = 4 }; /* of 2 (best) to 31; 4 keeps faces clean at 4 to 8 KB a picture */

/* The scaled size: even, at least two pixels each way, since the JPEG is 4:2:0. */
static void scaled_size(const AVFrame *frame, int side_max, int *width, int *height)
{
    int longer = FFMAX(frame->width, frame->height);

    *width = frame->width;
    *height = frame->height;
    if (longer > side_max) {
        *width = (int)av_rescale(frame->width, side_max, longer);
        *height = (int)av_rescale(frame->height, side_max, longer);
    }
    *width = FFMAX(*width & ~1, 2);
    *height = FFMAX(*height & ~1, 2);
}

/* JPEG is BT.601 at full range, whatever the video is. */
static int set_colours(struct SwsContext *scaler, const AVFrame *frame)
{
    int space = frame->colorspace == AVCOL_SPC_UNSPECIFIED || frame->colorspace == AVCOL_SPC_RGB ? SWS_CS_DEFAULT
                                                                                                 : frame->colorspace;

    return sws_setColorspaceDetails(scaler, sws_getCoefficients(space), frame->color_range == AVCOL_RANGE_JPEG,
                                    sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16);
}

static int scale_picture(const AVFrame *frame, AVFrame *small)
{
    int flags = SWS_AREA | SWS_ACCURATE_RND | SWS_BITEXACT, result;
    struct SwsContext *scaler = sws_getContext(frame->width, frame->height, frame->format, small->width, small->height,
                                               small->format, flags, NULL, NULL, NULL);

    if (!scaler)
        return AVERROR(EINVAL);
    (void)set_colours(scaler, frame); /* fails for formats without colour details, which need none */
    result = av_frame_get_buffer(small, 0);
    if (result >= 0)
        result = sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, small->data,
                           small->linesize);
    sws_freeContext(scaler);
    return result < 0 ? result : 0;
}

static int encode_picture(const AVFrame *frame, AVPacket *packet)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    int result = AVERROR(ENOMEM);

    if (!encoder)
        return codec ? result : AVERROR_ENCODER_NOT_FOUND;
    encoder->width = frame->width;
    encoder->height = frame->height;
    encoder->pix_fmt = frame->format;
    encoder->color_range = AVCOL_RANGE_JPEG;
    encoder->time_base = (AVRational){1, 25};
    encoder->thread_count = 1;
    encoder->flags = AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    encoder->global_quality = FF_QP2LAMBDA * QUALITY;
    result = avcodec_open2(encoder, codec, NULL);
    if (result >= 0)
        result = avcodec_send_frame(encoder, frame);
    if (result >= 0)
        result = avcodec_receive_packet(encoder, packet);
    avcodec_free_context(&encoder);
    return result;
}

/* The base64 text (av_free) of a JPEG of frame, scaled down so that neither side is longer than side_max pixels; its
 * size in *width and *height. NULL when that cannot be made. */
static char *jpeg_text(const AVFrame *frame, int side_max, int *width, int *height)
{
    AVFrame *small = av_frame_alloc();
    AVPacket *packet = av_packet_alloc();
    int result = AVERROR(ENOMEM);
    char *text = NULL;

    if (!small || !packet)
        goto end;
    scaled_size(frame, side_max, width, height);
    small->width = *width;
    small->height = *height;
    small->format = AV_PIX_FMT_YUVJ420P;
    small->quality = FF_QP2LAMBDA * QUALITY;
    result = scale_picture(frame, small);
    if (result >= 0)
        result = encode_picture(small, packet);
    if (result >= 0)
        text = av_malloc(AV_BASE64_SIZE((size_t)packet->size));
    if (text)
        av_base64_encode(text, AV_BASE64_SIZE(packet->size), packet->data, packet->size);
end:
    av_packet_free(&packet);
    av_frame_free(&small);
    return text;
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
    int width, height;
    char *text = jpeg_text(frame, side, &width, &height);

    if (text)
        (void)json_array_append_new(pictures,
                                    json_pack("{s:s, s:i, s:i}", "jpeg", text, "width", width, "height", height));
    av_free(text);
}

/* Appends the picture of the first frame that is not before target (in the stream's time base), or of the last frame.
 * INT64_MIN is the first frame, INT64_MAX the last one. */
static void add_frame(const struct video_clip *clip, int64_t seek_to, int64_t target)
{
    static const struct frame_reader_faults faults = {0};
    AVFrame *found = av_frame_alloc(), *frame;
    struct frame_reader *frames = NULL;
    bool is_there = false;
    struct error error;

    /* When seeking fails, decoding goes on from the current position. */
    if (target != INT64_MIN)
        (void)av_seek_frame(clip->format, clip->video, seek_to, AVSEEK_FLAG_BACKWARD);
    if (found && !frame_reader_open_clip(&frames, clip->format, clip->video, clip->job, &faults, &error))
        while (!is_there && frame_reader_next(frames, &frame, &error) > 0) {
            is_there = target == INT64_MIN ||
                       (frame->best_effort_timestamp != AV_NOPTS_VALUE && frame->best_effort_timestamp >= target);
            av_frame_unref(found);
            av_frame_move_ref(found, frame);
        }
    if (found && found->buf[0])
        add_picture(clip->pictures, found, clip->side);
    frame_reader_close(&frames);
    av_frame_free(&found);
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

static int take_pictures(void *owner, void *item, json_t *record)
{
    struct contact_sheet *sheet = item;

    (void)owner;
    json_decref(sheet->pictures);
    sheet->pictures = json_incref(json_object_get(record, "pictures"));
    return 0;
}

static void count_down(void *owner, void *item, const struct error *fault)
{
    struct contact_sheet *sheet = item;

    (void)owner;
    (void)fault; /* then there are no pictures */
    --*sheet->unfinished;
}

static bool access_files(const void *item, struct sandbox *sandbox)
{
    sandbox_read(sandbox, record_text(((const struct contact_sheet *)item)->record, "path"));
    return true;
}

const struct job_task contact_sheet_task = {
    .work = make_sheet, .access = access_files, .report = take_pictures, .ended = count_down};

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
