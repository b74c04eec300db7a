#include "common/demo/movie.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <stdlib.h>

#include "common/av/media.h"
#include "common/output/output_file.h"

/* One stream and its encoder. */
struct track {
    AVCodecContext *encoder;
    AVStream *stream; /* the muxer's */
    AVFrame *frame;
    int64_t next; /* pts of the next frame, in the encoder's time base */
};

struct movie {
    struct output_file *file;
    AVIOContext *avio;
    AVFormatContext *muxer;
    AVPacket *packet;
    struct track video, audio; /* audio.encoder is NULL without sound */
};

static int failed(struct error *error, int averror, const char *what)
{
    return media_error(error, ERROR_IO, averror, "%s", what);
}

static AVCodecContext *encoder_alloc(const char *name)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!encoder)
        return NULL;
    encoder->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
    encoder->thread_count = 1; /* with more threads x264 decides otherwise, and files would differ between machines */
    return encoder;
}

/* Opens the encoder, and adds a stream for it to the muxer. */
static int track_open(struct movie *movie, struct track *track, AVDictionary **options, struct error *error)
{
    track->frame = av_frame_alloc();
    track->stream = avformat_new_stream(movie->muxer, NULL);
    if (!track->frame || !track->stream)
        return failed(error, AVERROR(ENOMEM), "cannot add a stream");
    int result = avcodec_open2(track->encoder, NULL, options);
    if (result < 0)
        return failed(error, result, "cannot open the encoder");
    track->stream->time_base = track->encoder->time_base;
    result = avcodec_parameters_from_context(track->stream->codecpar, track->encoder);
    return result < 0 ? failed(error, result, "cannot describe the stream") : 0;
}

static int video_open(struct movie *movie, const struct movie_format *format, struct error *error)
{
    AVCodecContext *encoder = movie->video.encoder = encoder_alloc("libx264");
    if (!encoder)
        return error_set(error, ERROR_IO, "FFmpeg's libraries have no encoder libx264");
    encoder->width = format->width;
    encoder->height = format->height;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = av_inv_q(format->fps);
    encoder->framerate = format->fps;
    encoder->gop_size = encoder->keyint_min = format->gop;
    encoder->max_b_frames = 2;
    encoder->color_range = AVCOL_RANGE_MPEG;
    encoder->colorspace = AVCOL_SPC_BT709;
    encoder->color_primaries = AVCOL_PRI_BT709;
    encoder->color_trc = AVCOL_TRC_BT709;

    AVDictionary *options = NULL;
    int result = -1;
    if (av_dict_set(&options, "preset", "superfast", 0) < 0 || av_dict_set(&options, "crf", "23", 0) < 0 ||
        av_dict_set(&options, "sc_threshold", "0", 0) < 0 ||
        /* Some routines for newer processors round otherwise; without this the bytes would depend on the processor. */
        av_dict_set(&options, "x264-params", "cpu-independent=1", 0) < 0)
        failed(error, AVERROR(ENOMEM), "cannot set up the encoder");
    else
        result = track_open(movie, &movie->video, &options, error);
    av_dict_free(&options);
    return result;
}

static int audio_open(struct movie *movie, struct error *error)
{
    AVCodecContext *encoder = movie->audio.encoder = encoder_alloc("aac");
    if (!encoder)
        return error_set(error, ERROR_IO, "FFmpeg's libraries have no encoder aac");
    encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
    encoder->sample_rate = MOVIE_SAMPLE_RATE;
    encoder->time_base = (AVRational){1, MOVIE_SAMPLE_RATE};
    encoder->bit_rate = 64000;
    av_channel_layout_default(&encoder->ch_layout, 1);
    return track_open(movie, &movie->audio, NULL, error);
}

static int file_begin(struct movie *movie, const char *path, struct error *error)
{
    if (output_file_open(&movie->file, path, error) < 0)
        return -1;
    movie->avio = media_avio_alloc(output_file_fd(movie->file), MEDIA_BLOCK_SMALL);
    movie->packet = av_packet_alloc();
    int result = avformat_alloc_output_context2(&movie->muxer, NULL, "mp4", NULL);
    if (!movie->avio || !movie->packet || result < 0)
        return failed(error, result < 0 ? result : AVERROR(ENOMEM), "cannot set up the mp4 file");
    movie->muxer->pb = movie->avio;
    movie->muxer->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    return 0;
}

int movie_begin(struct movie **movie_out, const char *path, const struct movie_format *format, struct error *error)
{
    struct movie *movie = calloc(1, sizeof(*movie));
    if (!movie)
        return error_set_errno(error, ENOMEM, "cannot make %s", path);
    int result = -1;
    if (file_begin(movie, path, error) < 0 || video_open(movie, format, error) < 0 ||
        (format->sound && audio_open(movie, error) < 0))
        goto end;
    int header = avformat_write_header(movie->muxer, NULL);
    result = header < 0 ? failed(error, header, "cannot begin the mp4 file") : 0;
end:
    if (result < 0)
        movie_abandon(&movie);
    *movie_out = movie;
    return result;
}

AVFrame *movie_picture(struct movie *movie)
{
    AVFrame *frame = movie->video.frame;
    av_frame_unref(frame); /* the encoder may still hold the picture before */
    frame->format = movie->video.encoder->pix_fmt;
    frame->width = movie->video.encoder->width;
    frame->height = movie->video.encoder->height;
    return av_frame_get_buffer(frame, 0) < 0 ? NULL : frame;
}

/* Encodes one frame, or with NULL what the encoder still holds, and writes the packets. */
static int track_encode(struct movie *movie, struct track *track, AVFrame *frame, struct error *error)
{
    int result = avcodec_send_frame(track->encoder, frame);
    while (result >= 0) {
        result = avcodec_receive_packet(track->encoder, movie->packet);
        if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
            return 0;
        if (result < 0)
            break;
        if (movie->packet->duration == 0) /* without it players cut off the last frame */
            movie->packet->duration = track == &movie->video ? 1 : track->encoder->frame_size;
        av_packet_rescale_ts(movie->packet, track->encoder->time_base, track->stream->time_base);
        movie->packet->stream_index = track->stream->index;
        result = av_interleaved_write_frame(movie->muxer, movie->packet);
    }
    return failed(error, result, "cannot encode or write a frame");
}

/* Adds whole blocks of sound up to the time that the pictures have reached. */
static int add_sound(struct movie *movie, movie_sound *sound, const void *context, struct error *error)
{
    struct track *audio = &movie->audio, *video = &movie->video;
    while (av_compare_ts(audio->next, audio->encoder->time_base, video->next, video->encoder->time_base) < 0) {
        AVFrame *frame = audio->frame;
        av_frame_unref(frame);
        frame->format = audio->encoder->sample_fmt;
        frame->sample_rate = audio->encoder->sample_rate;
        frame->nb_samples = audio->encoder->frame_size;
        if (av_channel_layout_copy(&frame->ch_layout, &audio->encoder->ch_layout) < 0 ||
            av_frame_get_buffer(frame, 0) < 0)
            return failed(error, AVERROR(ENOMEM), "cannot make sound");
        float *samples = (float *)frame->data[0];
        for (int i = 0; i < frame->nb_samples; i++)
            samples[i] = sound(context, audio->next + i);
        frame->pts = audio->next;
        audio->next += frame->nb_samples;
        if (track_encode(movie, audio, frame, error) < 0)
            return -1;
    }
    return 0;
}

int movie_add(struct movie *movie, movie_sound *sound, const void *context, struct error *error)
{
    movie->video.frame->pts = movie->video.next++;
    if (track_encode(movie, &movie->video, movie->video.frame, error) < 0)
        return -1;
    return movie->audio.encoder ? add_sound(movie, sound, context, error) : 0;
}

int movie_finish(struct movie **movie_ptr, struct error *error)
{
    struct movie *movie = *movie_ptr;
    int result = -1;
    if (track_encode(movie, &movie->video, NULL, error) < 0 ||
        (movie->audio.encoder && track_encode(movie, &movie->audio, NULL, error) < 0))
        goto end;
    int written = av_write_trailer(movie->muxer);
    int closed = media_avio_close(&movie->avio);
    if (written < 0 || closed < 0)
        failed(error, written < 0 ? written : closed, "cannot complete the mp4 file");
    else
        result = output_file_commit(&movie->file, NULL, error);
end:
    movie_abandon(movie_ptr);
    return result;
}

static void track_close(struct track *track)
{
    av_frame_free(&track->frame);
    avcodec_free_context(&track->encoder);
}

void movie_abandon(struct movie **movie_ptr)
{
    struct movie *movie = *movie_ptr;
    if (!movie)
        return;
    track_close(&movie->audio);
    track_close(&movie->video);
    av_packet_free(&movie->packet);
    avformat_free_context(movie->muxer);
    (void)media_avio_close(&movie->avio); /* the file is complete or discarded: its errors do not matter */
    output_file_abort(&movie->file);
    free(movie);
    *movie_ptr = NULL;
}
