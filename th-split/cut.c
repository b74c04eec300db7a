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
struct cut {
    const struct cut_request *request;
    bool is_sparse; /* no chunk is written, and the muxer gets only the packets that decide the cuts */
    struct cutter cutter;
    struct chunks *chunks;
};

/* Opens the video and checks by its boxes and index that it is complete. */
static int open_input(struct cut *cut, struct error *error)
{
    const char *source = cut->request->source;
    struct file_stamp stamp;
    int fd, status;

    if (file_stamp_read(&stamp, source))
        return error_set_errno(error, errno, "cannot read %s", source);
    fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(error, errno, "cannot open %s", source);
    status = media_whole_check_boxes(fd, stamp.size, error);
    close(fd);
    if (status || cutter_open(&cut->cutter, source, cut->is_sparse, error))
        return -1;
    return media_whole_check_index(cut->cutter.input, stamp.size, error);
}

static int open_output(struct cut *cut, struct error *error)
{
    const struct cut_request *request = cut->request;
    char seconds[64];
    int result;

    if (cutter_make_output(&cut->cutter, error))
        return -1;
    cut->chunks = chunks_alloc(&cut->cutter, request->dir, request->id, request->wanted, request->context);
    if (!cut->chunks)
        return error_set(error, ERROR_IO, "out of memory");
    snprintf(seconds, sizeof seconds, "%.6f", request->seconds);
    result = cutter_begin(&cut->cutter, "segment_time", seconds);
    if (result >= 0)
        return 0;
    if (chunks_failure(cut->chunks, error))
        return -1;
    return media_error(error, ERROR_UNREADABLE, result, "mp4 cannot hold the streams of %s", request->source);
}

/* Gives complete chunks their names when the muxer succeeded, else turns its result into error. */
static int settle(struct cut *cut, int result, struct error *error)
{
    if (result >= 0)
        return chunks_settle(cut->chunks, error);
    if (chunks_failure(cut->chunks, error))
        return -1;
    return media_error(error, ERROR_UNREADABLE, result, "mp4 cannot hold what is in %s", cut->request->source);
}

static int copy_packet(struct cut *cut, AVPacket *packet, struct error *error)
{
    int64_t source_dts = packet->dts;
    int status = cutter_prepare(&cut->cutter, packet, error);

    return status <= 0 ? status : settle(cut, cutter_feed(&cut->cutter, packet, source_dts, cut->is_sparse), error);
}

static int copy_packets(struct cut *cut, struct error *error)
{
    AVFormatContext *input = cut->cutter.input;
    AVPacket *packet = av_packet_alloc();
    int status = 0, result = 0;

    if (!packet)
        return error_set(error, ERROR_IO, "out of memory");
    while (!status && (result = av_read_frame(input, packet)) >= 0) {
        cut->request->alive(cut->request->moving);
        status = copy_packet(cut, packet, error);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    if (status)
        return -1;
    if (input->pb && input->pb->error < 0)
        result = input->pb->error;
    if (result != AVERROR_EOF)
        return error_set(error, ERROR_UNREADABLE, "reading %s stopped before its end: %s", cut->request->source,
                         av_err2str(result));
    /* The index of a fragmented file grows while it is read. */
    return media_whole_check_index(input, cut->cutter.stamp.size, error);
}

static int finish(struct cut *cut, struct error *error)
{
    const struct cutter *cutter = &cut->cutter;
    struct file_stamp stamp;

    if (settle(cut, av_write_trailer(cutter->output), error))
        return -1;
    if (file_stamp_read(&stamp, cutter->path))
        return error_set_errno(error, errno, "cannot read %s", cutter->path);
    if (!file_stamp_equal(&stamp, &cutter->stamp))
        return error_set(error, ERROR_IO, "%s changed while it was being split", cutter->path);
    if (!cutter->output->streams[cutter->map[cutter->video]]->nb_frames)
        return error_set(error, ERROR_UNREADABLE, "%s holds no frame that can be decoded", cutter->path);
    return 0;
}

static int make_index(struct cut *cut, struct split_index **index, struct error *error)
{
    const struct cutter *cutter = &cut->cutter;
    struct media_facts facts;

    media_facts(cutter->input, cutter->video, &facts);
    *index = calloc(1, sizeof **index);
    if (!*index)
        return error_set(error, ERROR_IO, "out of memory");
    **index = (struct split_index){.seconds = cut->request->seconds,
                                   .source = cutter->stamp,
                                   .width = facts.width,
                                   .height = facts.height,
                                   .fps = facts.fps.num ? round(av_q2d(facts.fps) * 1e6) / 1e6 : 0};
    streams_dropped(cutter->input, cutter->map, (*index)->dropped, sizeof(*index)->dropped);
    (*index)->chunks = chunks_take(cut->chunks, cut->request->seconds, &(*index)->count);
    if ((*index)->chunks)
        return 0;
    split_index_free(index);
    return error_set(error, ERROR_IO, "out of memory");
}

/* As cut_video, in one pass. Sets *again when a sparse pass cannot tell the cuts: then it has to be done with all
 * packets. */
static int cut_once(const struct cut_request *request, bool is_sparse, struct split_index **index, bool *again,
                    struct error *error)
{
    struct cut cut = {.request = request, .is_sparse = is_sparse};
    struct error fault = {0};
    int status = -1;

    if (open_input(&cut, &fault) || open_output(&cut, &fault) || copy_packets(&cut, &fault) || finish(&cut, &fault))
        goto end;
    *again = is_sparse && cut.cutter.gops.is_unsure;
    status = *again ? 0 : make_index(&cut, index, &fault);
end:
    /* The chunks of a damaged video may differ from those of the complete one. */
    if (status && cut.chunks && fault.word == ERROR_UNREADABLE)
        chunks_undo(cut.chunks);
    if (status)
        *error = fault;
    cutter_close(&cut.cutter);
    chunks_free(&cut.chunks);
    return status;
}

int cut_video(const struct cut_request *request, struct split_index **index, struct error *error)
{
    bool again = false;

    if (cut_once(request, !request->wanted, index, &again, error))
        return -1;
    return again ? cut_once(request, false, index, &again, error) : 0;
}
