#include "th-split/cut.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/dict.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/media.h"
#include "th-split/source.h"
#include "th-split/streams.h"
#include "th-split/timing.h"

/* A video being cut. */
struct cutter {
    const struct cut *cut;
    struct file_stamp stamp;
    AVFormatContext *input, *output;
    unsigned input_streams; /* those known at the start; later ones are passed over */
    int video;              /* index in input */
    int *map;               /* index in output of each stream of input, -1 for none */
    struct timing *timing;
    struct chunks *chunks;
};

static int read_stamp(const struct cut *cut, struct file_stamp *stamp, struct error *error)
{
    if (!file_stamp_read(stamp, cut->source))
        return 0;
    return error_set_errno(error, errno, "cannot read %s", cut->source);
}

/* Opens the video and checks that it is whole, as far as can be told without reading it all. */
static int open_input(struct cutter *c, struct error *error)
{
    int fd, status;

    if (read_stamp(c->cut, &c->stamp, error))
        return -1;
    fd = open(c->cut->source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_set_errno(error, errno, "cannot open %s", c->cut->source);
    status = source_check_boxes(fd, c->stamp.size, error);
    close(fd);
    if (status || media_open(&c->input, c->cut->source, error))
        return -1;
    c->input_streams = c->input->nb_streams;
    c->video = media_video_stream(c->input, error);
    if (c->video < 0)
        return -1;
    return source_check_index(c->input, c->stamp.size, error);
}

static int copy_metadata(AVFormatContext *output, const AVFormatContext *input)
{
    static const char *const stale[] = {"creation_time", "company_name", "product_name", "product_version"};
    int result = av_dict_copy(&output->metadata, input->metadata, 0);

    for (size_t i = 0; result >= 0 && i < sizeof stale / sizeof *stale; i++)
        result = av_dict_set(&output->metadata, stale[i], NULL, 0);
    return result;
}

static int write_header(struct cutter *c, struct error *error)
{
    AVDictionary *options = NULL;
    char seconds[64];
    int result;

    snprintf(seconds, sizeof seconds, "%.6f", c->cut->seconds);
    if ((result = av_dict_set(&options, "segment_time", seconds, 0)) >= 0 &&
        (result = av_dict_set(&options, "segment_format", "mp4", 0)) >= 0)
        result = avformat_write_header(c->output, &options);
    av_dict_free(&options);
    if (result >= 0)
        return 0;
    if (chunks_failure(c->chunks, error))
        return -1;
    return media_error(error, ERROR_UNREADABLE, result, "mp4 cannot hold the streams of %s", c->cut->source);
}

static int open_output(struct cutter *c, struct error *error)
{
    const struct cut *cut = c->cut;
    int result = avformat_alloc_output_context2(&c->output, NULL, "segment", "%04d.mp4");

    c->map = calloc(c->input_streams, sizeof *c->map);
    c->timing = timing_alloc(c->input);
    if (result < 0 || !c->map || !c->timing)
        return error_set(error, ERROR_IO, "out of memory");
    if (streams_copy(c->output, c->input, c->video, c->map, error))
        return -1;
    if (copy_metadata(c->output, c->input) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    c->output->flags |= AVFMT_FLAG_BITEXACT; /* the same bytes from each version of the library */
    c->chunks = chunks_alloc(c->output, c->map[c->video], cut->dir, cut->id, cut->wanted, cut->context);
    if (!c->chunks)
        return error_set(error, ERROR_IO, "out of memory");
    if (write_header(c, error))
        return -1;
    for (unsigned i = 0; i < c->input_streams; i++)
        if (c->map[i] >= 0)
            timing_set_output(c->timing, (int)i, c->output->streams[c->map[i]]->time_base);
    return 0;
}

/* Takes the result of the muxer and names the chunks that are whole. */
static int settle(struct cutter *c, int result, struct error *error)
{
    if (result >= 0)
        return chunks_settle(c->chunks, error);
    if (chunks_failure(c->chunks, error))
        return -1;
    return media_error(error, ERROR_UNREADABLE, result, "mp4 cannot hold what is in %s", c->cut->source);
}

static int copy_packet(struct cutter *c, AVPacket *packet, struct error *error)
{
    int stream = packet->stream_index;

    if ((unsigned)stream >= c->input_streams || c->map[stream] < 0)
        return 0;
    /* The library says so of what it could not read to its end. */
    if (packet->flags & AV_PKT_FLAG_CORRUPT && c->input->pb && avio_feof(c->input->pb))
        return error_set(error, ERROR_UNREADABLE, "%s ends within a packet", c->cut->source);
    if (!timing_apply(c->timing, packet))
        return 0;
    packet->stream_index = c->map[stream];
    if (stream == c->video && chunks_note(c->chunks, packet, error))
        return -1;
    return settle(c, av_interleaved_write_frame(c->output, packet), error);
}

static int copy_packets(struct cutter *c, struct error *error)
{
    AVPacket *packet = av_packet_alloc();
    int status = 0, result = 0;

    if (!packet)
        return error_set(error, ERROR_IO, "out of memory");
    while (!status && (result = av_read_frame(c->input, packet)) >= 0) {
        c->cut->alive(c->cut->moving);
        status = copy_packet(c, packet, error);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    if (status)
        return -1;
    if (c->input->pb && c->input->pb->error < 0)
        result = c->input->pb->error;
    if (result != AVERROR_EOF)
        return error_set(error, ERROR_UNREADABLE, "reading %s stopped before its end: %s", c->cut->source,
                         av_err2str(result));
    /* In fragmented files the index has grown while reading. */
    return source_check_index(c->input, c->stamp.size, error);
}

static int finish(struct cutter *c, struct error *error)
{
    struct file_stamp stamp;

    if (settle(c, av_write_trailer(c->output), error) || read_stamp(c->cut, &stamp, error))
        return -1;
    if (!file_stamp_equal(&stamp, &c->stamp))
        return error_set(error, ERROR_IO, "%s changed while it was being split", c->cut->source);
    if (!c->output->streams[c->map[c->video]]->nb_frames)
        return error_set(error, ERROR_UNREADABLE, "%s holds no frame that can be decoded", c->cut->source);
    return 0;
}

static int make_index(struct cutter *c, struct split_index **index, struct error *error)
{
    struct media_facts facts;

    media_facts(c->input, c->video, &facts);
    *index = calloc(1, sizeof **index);
    if (!*index)
        return error_set(error, ERROR_IO, "out of memory");
    **index = (struct split_index){.seconds = c->cut->seconds,
                                   .source = c->stamp,
                                   .width = facts.width,
                                   .height = facts.height,
                                   .fps = facts.fps.num ? round(av_q2d(facts.fps) * 1e6) / 1e6 : 0};
    streams_dropped(c->input, c->map, (*index)->dropped, sizeof(*index)->dropped);
    (*index)->chunks = chunks_take(c->chunks, &(*index)->count);
    if ((*index)->chunks)
        return 0;
    split_index_free(index);
    return error_set(error, ERROR_IO, "out of memory");
}

int cut_video(const struct cut *cut, struct split_index **index, struct error *error)
{
    struct cutter c = {.cut = cut};
    struct error fault = {0};
    int status = -1;

    if (open_input(&c, &fault) || open_output(&c, &fault) || copy_packets(&c, &fault) || finish(&c, &fault) ||
        make_index(&c, index, &fault))
        goto end;
    status = 0;
end:
    /* What a damaged video gave may differ from what the whole one will give. */
    if (status && c.chunks && fault.word == ERROR_UNREADABLE)
        chunks_undo(c.chunks);
    if (status)
        *error = fault;
    avformat_free_context(c.output);
    chunks_free(&c.chunks);
    timing_free(&c.timing);
    free(c.map);
    media_close(&c.input);
    return status;
}
