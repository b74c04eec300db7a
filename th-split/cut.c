#include "th-split/cut.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/av/media_whole.h"
#include "common/cut/cutter.h"
#include "common/cut/streams.h"

/* A video being cut. */
struct splitter {
    const struct cut_request *request;
    bool is_sparse; /* nothing is written, and the muxer is given no more than it needs for cutting */
    struct cutter cutter;
    struct chunks *chunks;
};

/* Opens the video and checks that it is whole, as far as can be told without reading it all. */
static int open_input(struct splitter *s, struct error *error)
{
    const char *source = s->request->source;
    struct file_stamp stamp;
    int fd, status;

    if (file_stamp_read(&stamp, source))
        return error_set_errno(error, errno, "cannot read %s", source);
    fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(error, errno, "cannot open %s", source);
    status = media_whole_check_boxes(fd, stamp.size, error);
    close(fd);
    if (status || cutter_open(&s->cutter, source, s->is_sparse, error))
        return -1;
    return media_whole_check_index(s->cutter.input, stamp.size, error);
}

static int open_output(struct splitter *s, struct error *error)
{
    const struct cut_request *request = s->request;
    char seconds[64];
    int result;

    if (cutter_make_output(&s->cutter, error))
        return -1;
    s->chunks = chunks_alloc(&s->cutter, request->dir, request->id, request->wanted, request->context);
    if (!s->chunks)
        return error_set(error, ERROR_IO, "out of memory");
    snprintf(seconds, sizeof seconds, "%.6f", request->seconds);
    result = cutter_begin(&s->cutter, "segment_time", seconds);
    if (result >= 0)
        return 0;
    if (chunks_failure(s->chunks, error))
        return -1;
    return media_error(error, ERROR_UNREADABLE, result, "mp4 cannot hold the streams of %s", request->source);
}

/* Takes the result of the muxer and names the chunks that are whole. */
static int settle(struct splitter *s, int result, struct error *error)
{
    if (result >= 0)
        return chunks_settle(s->chunks, error);
    if (chunks_failure(s->chunks, error))
        return -1;
    return media_error(error, ERROR_UNREADABLE, result, "mp4 cannot hold what is in %s", s->request->source);
}

static int copy_packet(struct splitter *s, AVPacket *packet, struct error *error)
{
    int64_t source_dts = packet->dts;
    int status = cutter_prepare(&s->cutter, packet, error);

    return status <= 0 ? status : settle(s, cutter_feed(&s->cutter, packet, source_dts, s->is_sparse), error);
}

static int copy_packets(struct splitter *s, struct error *error)
{
    AVFormatContext *input = s->cutter.input;
    AVPacket *packet = av_packet_alloc();
    int status = 0, result = 0;

    if (!packet)
        return error_set(error, ERROR_IO, "out of memory");
    while (!status && (result = av_read_frame(input, packet)) >= 0) {
        s->request->alive(s->request->moving);
        status = copy_packet(s, packet, error);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    if (status)
        return -1;
    if (input->pb && input->pb->error < 0)
        result = input->pb->error;
    if (result != AVERROR_EOF)
        return error_set(error, ERROR_UNREADABLE, "reading %s stopped before its end: %s", s->request->source,
                         av_err2str(result));
    /* In fragmented files the index has grown while reading. */
    return media_whole_check_index(input, s->cutter.stamp.size, error);
}

static int finish(struct splitter *s, struct error *error)
{
    const struct cutter *cutter = &s->cutter;
    struct file_stamp stamp;

    if (settle(s, av_write_trailer(cutter->output), error))
        return -1;
    if (file_stamp_read(&stamp, cutter->path))
        return error_set_errno(error, errno, "cannot read %s", cutter->path);
    if (!file_stamp_equal(&stamp, &cutter->stamp))
        return error_set(error, ERROR_IO, "%s changed while it was being split", cutter->path);
    if (!cutter->output->streams[cutter->map[cutter->video]]->nb_frames)
        return error_set(error, ERROR_UNREADABLE, "%s holds no frame that can be decoded", cutter->path);
    return 0;
}

static int make_index(struct splitter *s, struct split_index **index, struct error *error)
{
    const struct cutter *cutter = &s->cutter;
    struct media_facts facts;

    media_facts(cutter->input, cutter->video, &facts);
    *index = calloc(1, sizeof **index);
    if (!*index)
        return error_set(error, ERROR_IO, "out of memory");
    **index = (struct split_index){.seconds = s->request->seconds,
                                   .source = cutter->stamp,
                                   .width = facts.width,
                                   .height = facts.height,
                                   .fps = facts.fps.num ? round(av_q2d(facts.fps) * 1e6) / 1e6 : 0};
    streams_dropped(cutter->input, cutter->map, (*index)->dropped, sizeof(*index)->dropped);
    (*index)->chunks = chunks_take(s->chunks, s->request->seconds, &(*index)->count);
    if ((*index)->chunks)
        return 0;
    split_index_free(index);
    return error_set(error, ERROR_IO, "out of memory");
}

/* As cut_video. *again is set when it has to be gone over once more, without leaving anything out. */
static int cut_once(const struct cut_request *request, bool is_sparse, struct split_index **index, bool *again,
                    struct error *error)
{
    struct splitter s = {.request = request, .is_sparse = is_sparse};
    struct error fault = {0};
    int status = -1;

    if (open_input(&s, &fault) || open_output(&s, &fault) || copy_packets(&s, &fault) || finish(&s, &fault))
        goto end;
    *again = is_sparse && s.cutter.gops.is_unsure;
    status = *again ? 0 : make_index(&s, index, &fault);
end:
    /* What a damaged video gave may differ from what the whole one will give. */
    if (status && s.chunks && fault.word == ERROR_UNREADABLE)
        chunks_undo(s.chunks);
    if (status)
        *error = fault;
    cutter_close(&s.cutter);
    chunks_free(&s.chunks);
    return status;
}

int cut_video(const struct cut_request *request, struct split_index **index, struct error *error)
{
    bool again = false;

    if (cut_once(request, !request->wanted, index, &again, error))
        return -1;
    return again ? cut_once(request, false, index, &again, error) : 0;
}
