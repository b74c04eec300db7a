#include "th-crop/clip_writer.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdlib.h>
#include <string.h>

#include "common/media.h"
#include "common/output_file.h"
#include "th-crop/encoder.h"

/* A frame that went in. Encoders forget durations, and the last frame's would be lost. */
struct frame_time {
    int64_t pts, duration;
};

struct clip_writer {
    struct output_file *file;
    AVIOContext *avio;
    AVFormatContext *format;
    AVStream *stream;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    struct box box;
    int width, height, pixel_format; /* of the whole pictures */
    int64_t start;                   /* time of the first frame in the chunk */
    struct frame_time *times;
    size_t count, room;
    bool has_header;
};

static int carry_display_matrix(AVStream *stream, const int32_t *matrix)
{
    const size_t size = 9 * sizeof *matrix;
    uint8_t *data = NULL;

    if (!matrix)
        return 0;
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    AVPacketSideData *side = av_packet_side_data_new(
        &stream->codecpar->coded_side_data, &stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX, size, 0);

    data = side ? side->data : NULL;
#else
    data = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, size);
#endif
    if (!data)
        return AVERROR(ENOMEM);
    memcpy(data, matrix, size);
    return 0;
}

static int open_stream(struct clip_writer *writer, const struct picture_facts *facts, struct error *error)
{
    int result = AVERROR(ENOMEM);

    writer->stream = avformat_new_stream(writer->format, NULL);
    if (writer->stream)
        result = avcodec_parameters_from_context(writer->stream->codecpar, writer->codec);
    if (result >= 0)
        result = carry_display_matrix(writer->stream, facts->display_matrix);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "cannot make the clip's stream");
    writer->stream->time_base = writer->codec->time_base;
    writer->stream->avg_frame_rate = facts->frame_rate;
    writer->stream->sample_aspect_ratio = writer->codec->sample_aspect_ratio;
    result = avformat_write_header(writer->format, NULL);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "cannot write an mp4 file with %s",
                           avcodec_get_name(writer->codec->codec_id));
    writer->has_header = true;
    return 0;
}

static int open_container(struct clip_writer *writer, const char *path, struct error *error)
{
    int result;

    if (output_file_open(&writer->file, path, error))
        return -1;
    result = avformat_alloc_output_context2(&writer->format, NULL, "mp4", NULL);
    if (result < 0)
        return media_error(error, ERROR_IO, result, "cannot write mp4 files");
    writer->avio = media_avio_alloc(writer->file);
    writer->packet = av_packet_alloc();
    writer->frame = av_frame_alloc();
    if (!writer->avio || !writer->packet || !writer->frame)
        return error_set(error, ERROR_IO, "out of memory");
    writer->format->pb = writer->avio;
    writer->format->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO; /* no dates, no versions */
    return 0;
}

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

int clip_writer_open(struct clip_writer **writer, const char *path, const struct encoder_settings *settings,
                     const struct picture_facts *facts, const AVFrame *first, const struct box *box,
                     struct error *error)
{
    struct clip_writer *w = calloc(1, sizeof *w);

    *writer = w;
    if (!w)
        return error_set(error, ERROR_IO, "out of memory");
    w->box = *box;
    w->start = first->pts;
    w->width = first->width;
    w->height = first->height;
    w->pixel_format = first->format;
    if (open_container(w, path, error))
        goto fail;
    if (av_frame_ref(w->frame, first) < 0) {
        error_set(error, ERROR_IO, "out of memory");
        goto fail;
    }
    if (crop(w->frame, box, error) ||
        encoder_open(&w->codec, settings, facts, w->frame, w->format->oformat->flags & AVFMT_GLOBALHEADER, error) ||
        open_stream(w, facts, error))
        goto fail;
    av_frame_unref(w->frame);
    return 0;
fail:
    clip_writer_abort(writer);
    return -1;
}

static int remember_time(struct clip_writer *writer, int64_t pts, int64_t duration)
{
    if (writer->count == writer->room) {
        size_t room = writer->room ? 2 * writer->room : 256;
        struct frame_time *times = realloc(writer->times, room * sizeof *times);

        if (!times)
            return -1;
        writer->times = times;
        writer->room = room;
    }
    writer->times[writer->count++] = (struct frame_time){pts, duration};
    return 0;
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = ((const struct frame_time *)a)->pts, y = ((const struct frame_time *)b)->pts;

    return (x > y) - (x < y);
}

static int64_t duration_at(const struct clip_writer *writer, int64_t pts)
{
    struct frame_time key = {.pts = pts};
    const struct frame_time *found = bsearch(&key, writer->times, writer->count, sizeof *writer->times, compare_times);

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
        writer->packet->stream_index = writer->stream->index;
        av_packet_rescale_ts(writer->packet, writer->codec->time_base, writer->stream->time_base);
        result = av_interleaved_write_frame(writer->format, writer->packet);
        if (result >= 0)
            result = writer->avio->error;
        if (result < 0)
            return media_error(error, ERROR_IO, result, "the clip cannot be written");
    }
}

static int encode(struct clip_writer *writer, const AVFrame *frame, struct error *error)
{
    int result = avcodec_send_frame(writer->codec, frame);

    if (result < 0)
        return media_error(error, ERROR_IO, result, "a frame of the clip cannot be encoded");
    return write_packets(writer, error);
}

int clip_writer_add(struct clip_writer *writer, const AVFrame *frame, struct error *error)
{
    int status = -1;

    if (frame->width != writer->width || frame->height != writer->height || frame->format != writer->pixel_format)
        return error_set(error, ERROR_UNREADABLE,
                         "the picture changes from %dx%d to %dx%d, or its pixel format, within the tube", writer->width,
                         writer->height, frame->width, frame->height);
    if (av_frame_ref(writer->frame, frame) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    if (crop(writer->frame, &writer->box, error))
        goto end;
    writer->frame->pts = frame->pts - writer->start;
    writer->frame->pict_type = AV_PICTURE_TYPE_NONE; /* the encoder chooses, not the source */
    writer->frame->quality = writer->codec->global_quality;
    if (remember_time(writer, writer->frame->pts, frame_duration(frame))) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    status = encode(writer, writer->frame, error);
end:
    av_frame_unref(writer->frame);
    return status;
}

int clip_writer_finish(struct clip_writer **writer, int64_t *bytes, struct error *error)
{
    struct clip_writer *w = *writer;
    int result, status = encode(w, NULL, error);

    if (status)
        goto end;
    status = -1;
    result = av_write_trailer(w->format);
    w->has_header = false;
    if (result >= 0)
        result = media_avio_close(&w->avio);
    if (result < 0) {
        media_error(error, ERROR_IO, result, "the clip cannot be written");
        goto end;
    }
    status = output_file_commit(&w->file, bytes, error);
end:
    clip_writer_abort(writer);
    return status;
}

void clip_writer_abort(struct clip_writer **writer)
{
    struct clip_writer *w = *writer;

    if (!w)
        return;
    avcodec_free_context(&w->codec);
    avformat_free_context(w->format);
    (void)media_avio_close(&w->avio); /* the file is thrown away, or written already */
    output_file_abort(&w->file);
    av_packet_free(&w->packet);
    av_frame_free(&w->frame);
    free(w->times);
    free(w);
    *writer = NULL;
}
