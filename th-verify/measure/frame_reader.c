#include "th-verify/measure/frame_reader.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/av/media.h"
#include "common/av/rotate.h"
#include "common/cut/partial_file.h"
#include "th-verify/measure/container.h"

/* The frames of packets that were not downloaded, and of those behind them that cannot be decoded without them. */
struct gap {
    int64_t *times; /* sorted */
    size_t count, room;
    size_t next; /* the first one that has not been returned */
};

struct frame_reader {
    AVFormatContext *format;     /* of a clip */
    struct chunk_reader *reader; /* of a chunk, owned; NULL for a clip */
    const AVStream *video;
    struct job *job;
    struct frame_reader_faults faults;
    AVCodecContext *codec; /* NULL when no decoder takes the stream */
    AVPacket *packet;
    AVFrame *frame;
    struct rotate *rotate; /* of a chunk whose container rotates it */
    bool is_draining;
    bool has_frame;  /* frame_reader_next has returned one */
    bool is_damaged; /* frame_reader_is_damaged */
    int64_t key;     /* time of the first key frame; AV_NOPTS_VALUE before it, or when it has none */
    struct gap gap;
    bool is_in_gap;   /* packets up to the next key packet cannot be decoded */
    bool has_held;    /* packet is to be sent when the decoder has been drained */
    bool has_decoded; /* frame is the next one that was decoded */
    AVFrame *absent;
};

/* Notes a packet of that time that does not become a right frame. */
static void note_damage(struct frame_reader *frames, int64_t pts)
{
    frames->is_damaged |= frames->has_frame || (frames->key != AV_NOPTS_VALUE && pts >= frames->key);
}

static void tell_fault(const struct frame_reader *frames, const char *what, int result)
{
    if (frames->faults.tell)
        frames->faults.tell(frames->faults.self, what, result);
}

void frame_reader_close(struct frame_reader **frames)
{
    if (!*frames)
        return;
    rotate_close(&(*frames)->rotate);
    av_packet_free(&(*frames)->packet);
    av_frame_free(&(*frames)->frame);
    av_frame_free(&(*frames)->absent);
    free((*frames)->gap.times);
    avcodec_free_context(&(*frames)->codec);
    chunk_reader_close(&(*frames)->reader);
    free(*frames);
    *frames = NULL;
}

/* A stream that no decoder takes has a fault like any other, and no frames. */
static int open_codec(struct frame_reader *frames, struct error *error)
{
    int result = media_decoder_alloc(&frames->codec, frames->video);

    if (result == AVERROR_DECODER_NOT_FOUND) {
        tell_fault(frames, "there is no decoder for the video stream", result);
        return 0;
    }
    frames->packet = av_packet_alloc();
    frames->frame = av_frame_alloc();
    if (result >= 0 && frames->packet && frames->frame) {
        if (!frames->reader)
            frames->codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
        result = avcodec_open2(frames->codec, NULL, NULL);
    }
    if (!frames->packet || !frames->frame || result == AVERROR(ENOMEM))
        return error_set(error, ERROR_IO, "out of memory");
    if (result < 0) {
        tell_fault(frames, "the decoder does not take the video stream", result);
        avcodec_free_context(&frames->codec);
    }
    return 0;
}

int frame_reader_open_clip(struct frame_reader **frames, AVFormatContext *format, int video, struct job *job,
                           const struct frame_reader_faults *faults, struct error *error)
{
    *frames = malloc(sizeof **frames);
    if (!*frames)
        return error_set(error, ERROR_IO, "out of memory");
    **frames = (struct frame_reader){
        .format = format, .video = format->streams[video], .job = job, .faults = *faults, .key = AV_NOPTS_VALUE};
    if (!open_codec(*frames, error))
        return 0;
    frame_reader_close(frames);
    return -1;
}

int frame_reader_open_chunk(struct frame_reader **frames, const char *path, struct job *job, struct error *error)
{
    *frames = calloc(1, sizeof **frames);
    if (!*frames)
        return error_set(error, ERROR_IO, "out of memory");
    (*frames)->job = job;
    (*frames)->key = AV_NOPTS_VALUE;
    if (!container_open_chunk(&(*frames)->reader, path, error)) {
        (*frames)->video = chunk_reader_video((*frames)->reader);
        if (!open_codec(*frames, error) && !rotate_open(&(*frames)->rotate, rotate_matrix((*frames)->video), error))
            return 0;
    }
    frame_reader_close(frames);
    return -1;
}

AVRational frame_reader_time_base(const struct frame_reader *frames)
{
    return frames->video->time_base;
}

/* The next packet of the clip's video stream. 1, 0 at the end, or -1 and error. */
static int read_clip(struct frame_reader *frames, struct error *error)
{
    int result;

    while ((result = av_read_frame(frames->format, frames->packet)) >= 0) {
        job_alive(frames->job);
        if (frames->packet->stream_index == frames->video->index)
            return 1;
        av_packet_unref(frames->packet);
    }
    if (result == AVERROR(EIO))
        return media_error(error, ERROR_IO, result, "cannot read %s to its end", frames->format->url);
    if (result != AVERROR_EOF)
        tell_fault(frames, "the file cannot be read on", result);
    return 0;
}

/* Whether the packet of the chunk cannot be decoded, because it or one before it was not downloaded. */
static bool is_absent(struct frame_reader *frames)
{
    if (partial_file_is_marked(frames->packet))
        frames->is_in_gap = true;
    else if (frames->packet->flags & AV_PKT_FLAG_KEY)
        frames->is_in_gap = false;
    return frames->is_in_gap;
}

/* Adds the frame of the packet to the gap. 0, or -1 and error. */
static int add_to_gap(struct frame_reader *frames, struct error *error)
{
    struct gap *gap = &frames->gap;
    int64_t *times = array_make_room(gap->times, gap->count, &gap->room, sizeof *times);

    if (!times)
        return error_set(error, ERROR_IO, "out of memory");
    gap->times = times;
    gap->times[gap->count++] = frames->packet->pts;
    return 0;
}

/* The next packet of the chunk that can be decoded; returns as read_clip. Passes over empty packets, which a decoder
 * takes for the end of the stream. */
static int read_chunk(struct frame_reader *frames, struct error *error)
{
    struct gap *gap = &frames->gap;
    int got, status = 0;

    gap->count = gap->next = 0;
    while ((got = chunk_reader_next(frames->reader, frames->packet, error)) > 0) {
        if (frames->packet->size && !is_absent(frames))
            break;
        if (frames->packet->size)
            status = add_to_gap(frames, error);
        av_packet_unref(frames->packet);
        if (status)
            return -1;
        job_alive(frames->job);
    }
    if (gap->count)
        qsort(gap->times, gap->count, sizeof *gap->times, array_compare_int64);
    return got;
}

/* Sends the packet, or the end of the stream when there is none. */
static void send_packet(struct frame_reader *frames, bool has_packet)
{
    int result;

    frames->is_draining = !has_packet;
    if (frames->packet->flags & AV_PKT_FLAG_CORRUPT) {
        tell_fault(frames, "the file holds only a part of a packet", AVERROR_INVALIDDATA);
        note_damage(frames, frames->packet->pts);
    }
    if (frames->key == AV_NOPTS_VALUE && frames->packet->flags & AV_PKT_FLAG_KEY)
        frames->key = frames->packet->pts;
    result = avcodec_send_packet(frames->codec, has_packet ? frames->packet : NULL);
    if (result < 0 && result != AVERROR_EOF) {
        tell_fault(frames, "a packet does not decode", result);
        note_damage(frames, frames->packet->pts);
    }
    av_packet_unref(frames->packet);
}

/* Sends the next packet to the decoder. Before a gap it is drained instead, and the packet behind the gap is held. 0,
 * or -1 and error. */
static int send_next(struct frame_reader *frames, struct error *error)
{
    int got = frames->reader ? read_chunk(frames, error) : read_clip(frames, error);

    if (got < 0)
        return -1;
    if (frames->gap.count && got) {
        frames->has_held = frames->is_draining = true;
        (void)avcodec_send_packet(frames->codec, NULL);
        return 0;
    }
    send_packet(frames, got > 0);
    return 0;
}

bool frame_reader_is_damaged(const struct frame_reader *frames)
{
    return frames->is_damaged;
}

/* Decodes the next frame into frames->frame. 1, 0 when the decoder has been drained, or -1 and error. */
static int decode(struct frame_reader *frames, struct error *error)
{
    AVFrame *frame = frames->frame;
    int result;

    for (;;) {
        result = avcodec_receive_frame(frames->codec, frame);
        if (result >= 0)
            break;
        if (result != AVERROR(EAGAIN) && result != AVERROR_EOF) {
            tell_fault(frames, "a frame does not decode", result);
            note_damage(frames, AV_NOPTS_VALUE);
        }
        if (frames->is_draining || result == AVERROR_EOF)
            return 0;
        if (send_next(frames, error))
            return -1;
    }
    job_alive(frames->job);
    if (frame->flags & AV_FRAME_FLAG_CORRUPT || frame->decode_error_flags) {
        tell_fault(frames, "the decoder gave a damaged picture", AVERROR_INVALIDDATA);
        frames->is_damaged |= frames->key == AV_NOPTS_VALUE || frame->best_effort_timestamp >= frames->key;
    }
    frames->has_frame = true;
    return rotate_frame(frames->rotate, frame, error) ? -1 : 1;
}

/* The next frame of the gap. 1, or -1 and error. */
static int give_absent(struct frame_reader *frames, AVFrame **next, struct error *error)
{
    AVFrame *frame = frames->absent ? frames->absent : av_frame_alloc();

    frames->absent = frame;
    if (!frame || (!frame->buf[0] && !(frame->buf[0] = av_buffer_alloc(1))))
        return error_set(error, ERROR_IO, "out of memory");
    frame->best_effort_timestamp = frame->pts = frames->gap.times[frames->gap.next++];
    *next = frame;
    return 1;
}

bool frame_reader_is_absent(const AVFrame *frame)
{
    return frame->buf[0] && !frame->width;
}

int frame_reader_next(struct frame_reader *frames, AVFrame **next, struct error *error)
{
    struct gap *gap = &frames->gap;

    *next = frames->frame;
    while (frames->codec) {
        int got = frames->has_decoded ? 1 : decode(frames, error);

        if (got < 0)
            return -1;
        frames->has_decoded = got;
        if (gap->next < gap->count && (!got || gap->times[gap->next] < frames->frame->best_effort_timestamp))
            return give_absent(frames, next, error);
        frames->has_decoded = false;
        if (got || !frames->has_held)
            return got;
        avcodec_flush_buffers(frames->codec);
        frames->has_held = false;
        send_packet(frames, true);
    }
    return 0;
}
