#include "th-crop/encode/clip_writer.h"

#include <libavcodec/avcodec.h>
#include <libavutil/mathematics.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/av/media.h"
#include "th-crop/decode/frame_members.h"
#include "th-crop/encode/clip_file.h"
#include "th-crop/encode/credit.h"
#include "th-crop/encode/encoder.h"
#include "th-crop/encode/filter.h"

/* Seconds for which --fps repeats a frame at most: more is a time that damage has made up. */
enum { STILL_MAX = 600 };

/* A frame that went in. Encoders forget durations, and the last frame's would be lost. */
struct frame_time {
    int64_t pts, duration;
};

struct clip_writer {
    struct clip_order order;
    struct picture_facts facts;    /* of what the encoder is given */
    struct picture_filter *filter; /* NULL when cropped frames go straight to the encoder */
    AVCodecContext *codec;         /* from the first frame that it is given */
    struct clip_file *file;
    struct sound_cut sound; /* while order.sound is not NULL */
    AVPacket *packet;
    AVFrame *frame;
    int width, height, pixel_format; /* of the whole pictures */
    int64_t start;                   /* time of the first frame in the chunk */
    int64_t end;                     /* of the last frame that was added, from start on; both as the chunk counts */
    struct frame_time *times;
    size_t count, room;
};

/* Makes frame the box of it: nothing is copied, the pointers are moved. */
static int crop(AVFrame *frame, const struct box *box, struct error *error)
{
    int result;

    frame->crop_left = (size_t)box->x;
    frame->crop_top = (size_t)box->y;
    frame->crop_right = (size_t)(frame->width - box->x - box->w);
    frame->crop_bottom = (size_t)(frame->height - box->y - box->h);
    result = av_frame_apply_cropping(frame, AV_FRAME_CROP_UNALIGNED);
    if (result < 0 || frame->width != box->w || frame->height != box->h)
        return error_set(error, ERROR_UNREADABLE, "pictures of this pixel format cannot be cropped");
    return 0;
}

/* Makes the writer's frame the box of a whole one, at its time in the clip. */
static int take_box(struct clip_writer *writer, const AVFrame *whole, struct error *error)
{
    if (av_frame_ref(writer->frame, whole) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    writer->frame->pts = whole->pts - writer->start;
    return crop(writer->frame, &writer->order.box, error);
}

/* Has the filter that pictures like `first` need, if any. */
static int open_filter(struct clip_writer *writer, const AVFrame *first, struct error *error)
{
    struct picture_facts *facts = &writer->facts;
    struct picture_kind kind;

    if (take_box(writer, first, error))
        return -1;
    kind = picture_filter_kind_of(writer->frame, facts->time_base, facts->frame_rate);
    av_frame_unref(writer->frame);
    if (shape_open(&writer->filter, writer->order.settings, &kind, error))
        return -1;
    if (writer->filter) {
        kind = picture_filter_output(writer->filter);
        facts->time_base = kind.time_base;
        facts->frame_rate = kind.frame_rate;
    }
    return 0;
}

/* The sound's time 0 is that of the first frame, whatever its own clock counts. */
static void begin_sound(struct clip_writer *writer)
{
    const struct clip_order *order = &writer->order;
    AVRational base = order->sound->time_base;

    sound_cut_begin(&writer->sound, order->sound,
                    av_rescale_q(order->zero, order->zero_base, base) +
                        av_rescale_q(writer->start, order->facts->time_base, base));
}

int clip_writer_open(struct clip_writer **writer, const struct clip_order *order, const AVFrame *first,
                     struct error *error)
{
    int kind = order->settings->images;
    const char *images = kind == IMAGES_NONE ? NULL : image_names[kind];
    struct clip_writer *w = calloc(1, sizeof *w);

    *writer = w;
    if (!w)
        return error_set(error, ERROR_IO, "out of memory");
    w->order = *order;
    w->facts = *order->facts;
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
    if (order->sound)
        begin_sound(w);
    if (open_filter(w, first, error) || clip_file_open(&w->file, order->path, images, error))
        goto fail;
    return 0;
fail:
    clip_writer_abort(writer);
    return -1;
}

static int remember_time(struct clip_writer *writer, int64_t pts, int64_t duration, struct error *error)
{
    struct frame_time *times = array_make_room(writer->times, writer->count, &writer->room, sizeof *times);

    if (!times)
        return error_set(error, ERROR_IO, "out of memory");
    writer->times = times;
    writer->times[writer->count++] = (struct frame_time){pts, duration};
    return 0;
}

static int64_t duration_at(const struct clip_writer *writer, int64_t pts)
{
    struct frame_time key = {.pts = pts};
    const struct frame_time *found =
        bsearch(&key, writer->times, writer->count, sizeof *writer->times, array_compare_int64);

    return found ? found->duration : 0;
}

/* Writes what the encoder has ready. */
static int write_packets(struct clip_writer *writer, struct error *error)
{
    for (;;) {
        int result = avcodec_receive_packet(writer->codec, writer->packet);

        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return 0;
        if (result < 0)
            return media_error(error, ERROR_IO, result, "a frame of the clip cannot be encoded");
        writer->packet->duration = duration_at(writer, writer->packet->pts);
        if (clip_file_write(writer->file, CLIP_VIDEO, writer->packet, writer->codec->time_base, error))
            return -1;
    }
}

/* Writes the sound up to the end of the last frame that was added. is_last: no frame follows. */
static int write_sound(struct clip_writer *writer, bool is_last, struct error *error)
{
    const struct clip_order *order = &writer->order;
    int64_t end;
    int got;

    if (!order->sound || !writer->codec)
        return 0;
    end = av_rescale_q(writer->end, order->facts->time_base, order->sound->time_base);
    while ((got = sound_cut_next(&writer->sound, end, is_last, writer->packet)) > 0)
        if (clip_file_write(writer->file, CLIP_SOUND, writer->packet, order->sound->time_base, error))
            return -1;
    return got < 0 ? error_set(error, ERROR_IO, "out of memory") : 0;
}

/* Opens the encoder and begins the file. */
static int open_encoder(struct clip_writer *writer, const AVFrame *first, struct error *error)
{
    const struct clip_order *order = &writer->order;
    AVDictionary *metadata = NULL;
    int status;

    pthread_mutex_lock(order->opening);
    status = encoder_open(&writer->codec, &order->settings->encoder, &writer->facts, first, true, error);
    pthread_mutex_unlock(order->opening);
    if (status || !writer->codec)
        return -1;
    if (!order->settings->no_credit && credit_add(&metadata, order->origin, order->tube) < 0) {
        av_dict_free(&metadata);
        return error_set(error, ERROR_IO, "out of memory");
    }
    return clip_file_begin(writer->file, writer->codec, order->sound, metadata, error);
}

/* Encodes the writer's frame; NULL: what the encoder still holds. */
static int encode(struct clip_writer *writer, AVFrame *frame, struct error *error)
{
    int result;

    if (!writer->codec && !frame)
        return error_set(error, ERROR_UNREADABLE, "no frame of the tube came out of the filters");
    if (!writer->codec && open_encoder(writer, frame, error))
        return -1;
    if (frame) {
        int64_t duration = writer->order.settings->shape.fps.num ? 1 : frame_duration(frame);

        frame->pict_type = AV_PICTURE_TYPE_NONE; /* the encoder chooses, not the source */
        frame->quality = writer->codec->global_quality;
        if (remember_time(writer, frame->pts, duration, error))
            return -1;
    }
    result = encoder_send(writer->codec, frame);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "a frame of the clip cannot be encoded");
    return write_packets(writer, error);
}

/* Encodes what the filter has ready. */
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

/* Has the clip last until the end of the writer's frame. 0, or -1 and error. */
static int lengthen(struct clip_writer *writer, struct error *error)
{
    AVRational time_base = writer->order.facts->time_base;
    int64_t end = av_sat_add64(writer->frame->pts, frame_duration(writer->frame)), added = end - writer->end;

    if (writer->order.settings->shape.fps.num && av_compare_ts(added, time_base, STILL_MAX, av_make_q(1, 1)) > 0)
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
    if (take_box(writer, frame, error) || lengthen(writer, error))
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

/* Has the filter give what it holds. A clip that is shorter than half a frame of the new rate has one all the same. */
static int end_filter(struct clip_writer *writer, struct error *error)
{
    int64_t one = av_rescale_q_rnd(1, writer->facts.time_base, writer->order.facts->time_base, AV_ROUND_UP);

    if (picture_filter_end(writer->filter, FFMAX(writer->end, one), error))
        return -1;
    return encode_filtered(writer, error);
}

int clip_writer_finish(struct clip_writer **writer, struct clip_made *made, struct error *error)
{
    struct clip_writer *w = *writer;
    int status = -1;

    if ((w->filter && end_filter(w, error)) || encode(w, NULL, error) || write_sound(w, true, error))
        goto end;
    made->frames = (int64_t)w->count;
    made->has_sound = w->order.sound;
    status = clip_file_finish(&w->file, &made->bytes, error);
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
