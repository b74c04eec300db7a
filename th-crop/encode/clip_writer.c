#include "th-crop/encode/clip_writer.h"

#include <libavcodec/avcodec.h>
#include <libavutil/mathematics.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/av/compat.h"
#include "common/av/media.h"
#include "th-crop/encode/clip_file.h"
#include "th-crop/encode/encoder.h"
#include "th-crop/encode/filter.h"

/* Seconds for which --fps repeats a frame at most: longer frames come from damaged times. */
enum { STILL_MAX = 600 };

/* A frame that was sent to the encoder. Encoders drop durations, which the muxer needs for the last frame. */
struct frame_time {
    int64_t pts, duration;
};

struct clip_writer {
    struct clip_writer_params params;
    struct picture_facts facts;    /* of the frames that the encoder gets */
    struct picture_filter *filter; /* NULL when cropped frames go directly to the encoder */
    AVCodecContext *codec;         /* NULL before its first frame */
    struct clip_file *file;
    struct sound_cut sound; /* if params.sound is not NULL */
    AVPacket *packet;
    AVFrame *frame;
    int width, height, pixel_format; /* of the chunk's pictures */
    int64_t start;                   /* of the first frame, in the chunk's time */
    int64_t end;                     /* of the last frame added, relative to start; both in params.facts->time_base */
    struct frame_time *times;
    size_t count, room;
};

/* Makes the writer's frame a reference to the box of a picture, at its time in the clip. Moves pointers; copies no
 * pixels. 0, or -1 and error. */
static int crop(struct clip_writer *writer, const AVFrame *whole, struct error *error)
{
    const struct box *box = &writer->params.box;
    AVFrame *frame = writer->frame;
    int result;

    if (av_frame_ref(frame, whole) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    frame->pts = av_sat_sub64(whole->pts, writer->start);
    frame->crop_left = (size_t)box->x;
    frame->crop_top = (size_t)box->y;
    frame->crop_right = (size_t)(frame->width - box->x - box->w);
    frame->crop_bottom = (size_t)(frame->height - box->y - box->h);
    result = av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED);
    if (result < 0 || frame->width != box->w || frame->height != box->h)
        return error_set(error, ERROR_UNREADABLE, "pictures of this pixel format cannot be cropped");
    return 0;
}

/* Opens the filter that pictures like `first` need, if any. 0, or -1 and error. */
static int open_filter(struct clip_writer *writer, const AVFrame *first, struct error *error)
{
    struct picture_facts *facts = &writer->facts;
    struct picture_kind kind;

    if (crop(writer, first, error))
        return -1;
    kind = picture_filter_kind_of(writer->frame, facts->time_base, facts->frame_rate);
    av_frame_unref(writer->frame);
    if (filter_open(&writer->filter, writer->params.settings, &kind, error))
        return -1;
    if (writer->filter) {
        kind = picture_filter_output(writer->filter);
        facts->time_base = kind.time_base;
        facts->frame_rate = kind.frame_rate;
    }
    return 0;
}

int clip_writer_open(struct clip_writer **writer, const struct clip_writer_params *params, const AVFrame *first,
                     struct error *error)
{
    int kind = params->settings->images;
    const char *images = kind == IMAGES_NONE ? NULL : image_names[kind];
    struct clip_writer *w = calloc(1, sizeof *w);

    *writer = w;
    if (!w)
        return error_set(error, ERROR_IO, "out of memory");
    w->params = *params;
    w->facts = *params->facts;
    w->start = first->pts;
    w->width = first->width;
    w->height = first->height;
    w->pixel_format = first->format;
    w->packet = av_packet_alloc();
    w->frame = av_frame_alloc();
    if (!w->packet || !w->frame) {
        error_set(error, ERROR_IO, "out of memory");
        goto fail;
    }
    if (params->sound) { /* its time 0 is that of the first frame */
        AVRational base = params->sound->time_base;

        sound_cut_begin(&w->sound, params->sound,
                        av_sat_add64(av_rescale_q(params->zero, params->zero_base, base),
                                     av_rescale_q(w->start, params->facts->time_base, base)));
    }
    if (open_filter(w, first, error) || clip_file_open(&w->file, params->path, images, error))
        goto fail;
    return 0;
fail:
    clip_writer_abort(writer);
    return -1;
}

/* Writes the packets that the encoder has ready. 0, or -1 and error. */
static int write_packets(struct clip_writer *writer, struct error *error)
{
    for (;;) {
        int result = avcodec_receive_packet(writer->codec, writer->packet);
        struct frame_time key = {.pts = writer->packet->pts}, *sent;

        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return 0;
        if (result < 0)
            return media_error(error, ERROR_IO, result, "a frame of the clip cannot be encoded");
        sent = bsearch(&key, writer->times, writer->count, sizeof key, array_compare_int64);
        writer->packet->duration = sent ? sent->duration : 0;
        if (clip_file_write(writer->file, CLIP_VIDEO, writer->packet, writer->codec->time_base, error))
            return -1;
    }
}

/* Writes the sound up to the end of the last frame that was added. is_last: no frame follows. 0, or -1 and error. */
static int write_sound(struct clip_writer *writer, bool is_last, struct error *error)
{
    const struct clip_writer_params *params = &writer->params;
    int64_t end;
    int got;

    if (!params->sound || !writer->codec)
        return 0;
    end = av_rescale_q(writer->end, params->facts->time_base, params->sound->time_base);
    while ((got = sound_cut_next(&writer->sound, end, is_last, writer->packet)) > 0)
        if (clip_file_write(writer->file, CLIP_SOUND, writer->packet, params->sound->time_base, error))
            return -1;
    return got < 0 ? error_set(error, ERROR_IO, "out of memory") : 0;
}

/* Opens the encoder and writes the file's header. 0, or -1 and error. */
static int open_encoder(struct clip_writer *writer, const AVFrame *first, struct error *error)
{
    const struct clip_writer_params *params = &writer->params;
    int status;

    pthread_mutex_lock(params->encoder_lock);
    status = encoder_open(&writer->codec, &params->settings->encoder, &writer->facts, first, error);
    pthread_mutex_unlock(params->encoder_lock);
    if (status || !writer->codec)
        return -1;
    return clip_file_begin(writer->file, writer->codec, params->sound,
                           params->settings->no_credit ? NULL : params->origin, params->tube, error);
}

/* Sends frame to the encoder and writes what comes out; NULL: flushes the encoder. 0, or -1 and error. */
static int encode(struct clip_writer *writer, AVFrame *frame, struct error *error)
{
    int result;

    if (!writer->codec && !frame)
        return error_set(error, ERROR_UNREADABLE, "no frame of the tube came out of the filters");
    if (!writer->codec && open_encoder(writer, frame, error))
        return -1;
    if (frame) {
        int64_t duration = writer->params.settings->filter.fps.num ? 1 : compat_frame_duration(frame);
        struct frame_time *times = array_make_room(writer->times, writer->count, &writer->room, sizeof *times);

        if (!times)
            return error_set(error, ERROR_IO, "out of memory");
        writer->times = times;
        times[writer->count++] = (struct frame_time){frame->pts, duration};
        frame->pict_type = AV_PICTURE_TYPE_NONE; /* else the encoder would copy the source's types */
        frame->quality = writer->codec->global_quality;
    }
    result = encoder_send(writer->codec, frame);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "a frame of the clip cannot be encoded");
    return write_packets(writer, error);
}

/* Encodes the frames that the filter has ready. 0, or -1 and error. */
static int encode_filtered(struct clip_writer *writer, struct error *error)
{
    for (;;) {
        int status = picture_filter_receive(writer->filter, writer->frame, error);

        if (status <= 0)
            return status;
        status = encode(writer, writer->frame, error);
        av_frame_unref(writer->frame);
        if (status)
            return -1;
    }
}

/* Extends the clip to the end of the writer's frame. 0, or -1 and error. */
static int extend(struct clip_writer *writer, struct error *error)
{
    AVRational time_base = writer->params.facts->time_base;
    int64_t end = av_sat_add64(writer->frame->pts, compat_frame_duration(writer->frame)),
            added = av_sat_sub64(end, writer->end);

    if (writer->params.settings->filter.fps.num && av_compare_ts(added, time_base, STILL_MAX, av_make_q(1, 1)) > 0)
        return error_set(error, ERROR_UNREADABLE, "a picture lasts %.0f seconds; --fps repeats one for %d at most",
                         (double)added * av_q2d(time_base), STILL_MAX);
    writer->end = end;
    return 0;
}

int clip_writer_add(struct clip_writer *writer, const AVFrame *frame, struct error *error)
{
    int status = -1;

    if (frame->width != writer->width || frame->height != writer->height || frame->format != writer->pixel_format)
        return error_set(error, ERROR_UNREADABLE,
                         "the picture changes from %dx%d to %dx%d, or its pixel format, within the tube", writer->width,
                         writer->height, frame->width, frame->height);
    if (crop(writer, frame, error) || extend(writer, error))
        goto end;
    if (!writer->filter) {
        status = encode(writer, writer->frame, error);
    } else if (!picture_filter_send(writer->filter, writer->frame, error)) {
        av_frame_unref(writer->frame);
        status = encode_filtered(writer, error);
    }
    if (!status)
        status = write_sound(writer, false, error);
end:
    av_frame_unref(writer->frame);
    return status;
}

int clip_writer_finish(struct clip_writer **writer, struct clip_facts *clip, struct error *error)
{
    struct clip_writer *w = *writer;
    /* A clip that is shorter than half a frame of --fps gets one frame. */
    int64_t one = av_rescale_q_rnd(1, w->facts.time_base, w->params.facts->time_base, AV_ROUND_UP);
    int status = -1;

    if (w->filter && (picture_filter_end(w->filter, FFMAX(w->end, one), error) || encode_filtered(w, error)))
        goto end;
    if (encode(w, NULL, error) || write_sound(w, true, error))
        goto end;
    clip->frames = (int64_t)w->count;
    clip->sound = w->params.sound != NULL;
    status = clip_file_finish(&w->file, &clip->bytes, error);
end:
    clip_writer_abort(writer);
    return status;
}

void clip_writer_abort(struct clip_writer **writer)
{
    struct clip_writer *w = *writer;

    if (!w)
        return;
    clip_file_abort(&w->file);
    picture_filter_close(&w->filter);
    encoder_close(&w->codec, w->count > 0);
    av_packet_free(&w->packet);
    av_frame_free(&w->frame);
    free(w->times);
    free(w);
    *writer = NULL;
}
