#include "th-split/cut.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/mathematics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/array.h"
#include "common/av/media.h"
#include "common/av/media_whole.h"
#include "common/cut/cutter.h"
#include "common/cut/partial_file.h"
#include "common/cut/streams.h"
#include "common/output/output_file.h"

/* A chunk that the muxer has opened. */
struct chunk {
    AVIOContext *avio;        /* NULL once closed */
    struct output_file *file; /* NULL when the chunk is only counted */
    int result;               /* of closing the file: 0 or an AVERROR code */
    struct chunk_facts facts;
};

/* A video being cut. */
struct cut {
    const struct cut_request *request;
    bool is_sparse; /* no chunk is written, and the muxer gets only the packets that decide the cuts */
    struct cutter cutter;
    struct chunk *chunks;
    size_t count, room, settled; /* chunks; the settled ones have their names */
    int64_t frames;              /* of the video stream, in closed chunks */
    struct error open_error;     /* of the last attempt to open a file; no word when that succeeded */
};

static char *chunk_path(const struct cut *cut, size_t number)
{
    return split_index_chunk_path(cut->request->dir, cut->request->id, number);
}

static bool open_file(struct cut *cut, struct chunk *chunk, size_t number)
{
    char *path = chunk_path(cut, number);

    error_set(&cut->open_error, ERROR_IO, "out of memory");
    if (path && !output_file_open(&chunk->file, path, &cut->open_error)) {
        chunk->avio = media_avio_alloc(output_file_fd(chunk->file), MEDIA_BLOCK_LARGE);
        if (!chunk->avio)
            output_file_abort(&chunk->file);
    }
    free(path);
    return chunk->avio;
}

/* AVFormatContext.io_open: the muxer begins the next chunk. */
static int open_chunk(AVFormatContext *context, AVIOContext **avio, const char *url, int flags, AVDictionary **options)
{
    struct cut *cut = context->opaque;
    size_t number = cut->count;
    struct chunk *chunk, *list;

    (void)options;
    if (flags & AVIO_FLAG_READ || strtoul(url, NULL, 10) != number)
        return AVERROR(EINVAL);
    list = array_make_room(cut->chunks, cut->count, &cut->room, sizeof *list);
    if (!list)
        return AVERROR(ENOMEM);
    cut->chunks = list;
    chunk = &cut->chunks[number];
    *chunk = (struct chunk){0};
    if (!cut->request->wanted || !cut->request->wanted(cut->request->context, number))
        chunk->avio = media_avio_alloc(-1, MEDIA_BLOCK_SMALL);
    else if (!open_file(cut, chunk, number))
        return AVERROR(EIO);
    if (!chunk->avio)
        return AVERROR(ENOMEM);
    if (cutter_note_chunk(&cut->cutter))
        return AVERROR(ENOMEM);
    cut->open_error = (struct error){0};
    cut->count++;
    *avio = chunk->avio;
    return 0;
}

/* AVFormatContext.io_close2. The muxer also calls it after an error, so settle() names the file, not this function.
 */
static int close_chunk(AVFormatContext *context, AVIOContext *avio)
{
    struct cut *cut = context->opaque;
    int64_t frames;

    for (size_t i = cut->settled; i < cut->count; i++) {
        struct chunk *chunk = &cut->chunks[i];

        if (chunk->avio != avio)
            continue;
        frames = cut->cutter.output->streams[cut->cutter.map[cut->cutter.video]]->nb_frames;
        chunk->facts.frames = frames - cut->frames;
        cut->frames = frames;
        chunk->result = media_avio_close(&chunk->avio);
        return chunk->result;
    }
    return AVERROR(EINVAL);
}

/* Opens the video and checks by its boxes and index that it is complete. */
static int open_input(struct cut *cut, struct error *error)
{
    const char *source = cut->request->source;
    struct file_stamp stamp;
    int fd, status = 0;

    if (file_stamp_read(&stamp, source))
        return error_set_errno(error, errno, "cannot read %s", source);
    if (!partial_file_is_name(source)) {
        fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
            return error_set_errno(error, errno, "cannot open %s", source);
        status = media_whole_check_boxes(fd, stamp.size, error);
        close(fd);
    }
    if (status || cutter_open(&cut->cutter, source, cut->is_sparse, error))
        return -1;
    return media_whole_check_index(cut->cutter.input, stamp.size, error);
}

/* Turns the muxer's result, an AVERROR code, into error; if writing a file failed, it is that failure. Returns -1. */
static int muxer_error(const struct cut *cut, int result, const char *what, struct error *error)
{
    if (cut->open_error.word) {
        *error = cut->open_error;
        return -1;
    }
    for (size_t i = cut->settled; i < cut->count; i++) {
        const struct chunk *chunk = &cut->chunks[i];
        int written = chunk->avio ? chunk->avio->error : chunk->result;

        if (written < 0)
            return media_error(error, ERROR_IO, written, "cannot write chunk %zu", i);
    }
    return media_error(error, ERROR_UNREADABLE, result, "mp4 cannot hold %s %s", what, cut->request->source);
}

static int open_output(struct cut *cut, struct error *error)
{
    char seconds[64];
    int result;

    if (cutter_make_output(&cut->cutter, error))
        return -1;
    cut->cutter.output->opaque = cut;
    cut->cutter.output->io_open = open_chunk;
    cut->cutter.output->io_close2 = close_chunk;
    snprintf(seconds, sizeof seconds, "%.6f", cut->request->seconds);
    result = cutter_begin(&cut->cutter, "segment_time", seconds);
    return result < 0 ? muxer_error(cut, result, "the streams of", error) : 0;
}

/* Gives the complete chunk its name. */
static int name_chunk(struct cut *cut, struct chunk *chunk, size_t number, struct error *error)
{
    char *path;
    int status;

    if (!chunk->file)
        return 0;
    path = chunk_path(cut, number);
    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    if (chunk->result < 0)
        status = media_error(error, ERROR_IO, chunk->result, "cannot write %s", path);
    else
        status = output_file_commit(&chunk->file, NULL, error);
    chunk->facts.is_written = !status;
    if (!status && file_stamp_read_ends(&chunk->facts.file, path))
        status = error_set_errno(error, errno, "cannot look at %s", path);
    free(path);
    return status;
}

/* Gives the chunks that the muxer has closed their names when it succeeded, else turns its result into error. */
static int settle(struct cut *cut, int result, struct error *error)
{
    if (result < 0)
        return muxer_error(cut, result, "what is in", error);
    for (; cut->settled < cut->count && !cut->chunks[cut->settled].avio; cut->settled++)
        if (name_chunk(cut, &cut->chunks[cut->settled], cut->settled, error))
            return -1;
    return 0;
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
        job_alive(cut->request->job);
        status = copy_packet(cut, packet, error);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    if (status || cutter_check_input(&cut->cutter, error))
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
    struct cutter *cutter = &cut->cutter;
    struct file_stamp stamp;

    if (settle(cut, av_write_trailer(cutter->output), error))
        return -1;
    if (file_stamp_read_ends(&stamp, cutter->path))
        return error_set_errno(error, errno, "cannot read %s", cutter->path);
    if (!file_stamp_equal(&stamp, &cutter->stamp))
        return error_set(error, ERROR_IO, "%s changed while it was being split", cutter->path);
    cutter->stamp = stamp;
    if (!cutter->output->streams[cutter->map[cutter->video]]->nb_frames)
        return error_set(error, ERROR_UNREADABLE, "%s holds no frame that can be decoded", cutter->path);
    return 0;
}

/* Adds what is known only at the end of the video. */
static void complete_facts(const struct cutter *cutter, double seconds, size_t number, struct chunk_facts *facts)
{
    AVRational time_base = cutter->output->streams[cutter->map[cutter->video]]->time_base;
    int64_t frames;
    struct gop chunk = gop_list_chunk(&cutter->gops, number, &frames);

    if (frames) {
        facts->start = (double)av_rescale_q(chunk.start, time_base, AV_TIME_BASE_Q) / AV_TIME_BASE;
        facts->duration = (double)av_rescale_q(chunk.end - chunk.start, time_base, AV_TIME_BASE_Q) / AV_TIME_BASE;
    }
    if (!cutter->gops.is_unsure)
        facts->frames = frames;
    facts->has_range = chunk_range_make(&facts->range, cutter, seconds, number);
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
    (*index)->chunks = calloc(cut->settled + 1, sizeof *(*index)->chunks);
    if (!(*index)->chunks) {
        split_index_free(index);
        return error_set(error, ERROR_IO, "out of memory");
    }
    (*index)->count = cut->settled;
    for (size_t i = 0; i < cut->settled; i++) {
        (*index)->chunks[i] = cut->chunks[i].facts;
        complete_facts(cutter, cut->request->seconds, i, &(*index)->chunks[i]);
    }
    return 0;
}

/* Closes the video and discards the chunks that have no name yet. */
static void close_all(struct cut *cut)
{
    cutter_close(&cut->cutter);
    for (size_t i = cut->settled; i < cut->count; i++) {
        (void)media_avio_close(&cut->chunks[i].avio);
        output_file_abort(&cut->chunks[i].file);
    }
    free(cut->chunks);
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
    if (status)
        *error = fault;
    close_all(&cut);
    return status;
}

int cut_video(const struct cut_request *request, struct split_index **index, struct error *error)
{
    bool again = false;

    if (cut_once(request, !request->wanted, index, &again, error))
        return -1;
    return again ? cut_once(request, false, index, &again, error) : 0;
}
