#include "common/cut/chunk_file.h"

#include <errno.h>
#include <inttypes.h>
#include <libavutil/mathematics.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/av/media.h"

struct chunk_file {
    char *path;
    int fd; /* of the memory; -1: path is a file on disk */
};

/* Reading begins this many microseconds before the chunk: more than the 10 s that the muxer waits for a stream without
 * packets (max_interleave_delta). */
static const int64_t LEAD = INT64_C(12) * AV_TIME_BASE;

/* A chunk that is cut again. */
struct remake {
    const struct chunk_range *range;
    const struct chunk_file_watch *watch;
    struct cutter cutter;
    bool seeks;       /* seeks from the beginning of the video to the chunk */
    bool has_sought;  /* the seek has been done */
    int64_t *seen;    /* by stream: source dts of the last packet read before the seek */
    size_t wanted;    /* the muxer's number of the chunk */
    size_t begun;     /* chunks that the muxer has opened */
    AVIOContext *out; /* the chunk's, while it is open */
    int fd;
    bool is_whole; /* it was closed */
    int result;    /* of closing it: 0 or an AVERROR code */
};

/* io_open: the muxer begins the next chunk. */
static int open_chunk(AVFormatContext *context, AVIOContext **avio, const char *url, int flags, AVDictionary **options)
{
    struct remake *remake = context->opaque;
    bool is_wanted = remake->begun == remake->wanted;

    (void)options;
    if (flags & AVIO_FLAG_READ || strtoul(url, NULL, 10) != remake->begun)
        return AVERROR(EINVAL);
    *avio = media_avio_alloc(is_wanted ? remake->fd : -1, MEDIA_BLOCK_LARGE);
    if (!*avio || cutter_note_chunk(&remake->cutter))
        return AVERROR(ENOMEM);
    remake->begun++;
    if (is_wanted)
        remake->out = *avio;
    return 0;
}

/* io_close2. */
static int close_chunk(AVFormatContext *context, AVIOContext *avio)
{
    struct remake *remake = context->opaque;

    if (avio != remake->out) {
        media_avio_close(&avio);
        return 0;
    }
    remake->result = media_avio_close(&remake->out);
    remake->is_whole = true;
    return remake->result;
}

/* Without a seek the muxer cuts the whole video as th-split did; otherwise where the chunk begins and ends. */
static int begin_output(struct remake *remake)
{
    const struct chunk_range *range = remake->range;
    char text[80];

    if (!remake->seeks)
        snprintf(text, sizeof text, "%.6f", range->seconds);
    else if (range->to == INT64_MAX)
        snprintf(text, sizeof text, "%" PRId64 "us", range->from);
    else
        snprintf(text, sizeof text, "%" PRId64 "us,%" PRId64 "us", range->from, range->to);
    return cutter_begin(&remake->cutter, remake->seeks ? "segment_times" : "segment_time", text);
}

/* Seeks to shortly before the chunk, once the muxer has written a packet and so has set the shift that it adds to all
 * times. 0, or -1 and error. */
static int seek_to_chunk(struct remake *remake, struct error *error)
{
    struct cutter *cutter = &remake->cutter;
    const AVStream *video = cutter->input->streams[cutter->video];
    int64_t lead = av_rescale_q(LEAD, AV_TIME_BASE_Q, video->time_base);
    int64_t place = av_sat_sub64(remake->range->key_dts, lead);
    int result;

    if (!remake->seeks || remake->has_sought || !cutter->has_begun)
        return 0;
    remake->has_sought = true;
    if (remake->seen[cutter->video] >= place)
        return 0;
    result = av_seek_frame(cutter->input, cutter->video, place, AVSEEK_FLAG_BACKWARD);
    return result < 0 ? media_error(error, ERROR_UNREADABLE, result, "cannot go to the chunk") : 0;
}

/* Whether the packet was already read before the seek. Before the seek: remembers its dts. */
static bool was_seen(const struct remake *remake, const AVPacket *packet)
{
    int64_t *seen;

    if (!remake->seeks || (unsigned)packet->stream_index >= remake->cutter.input_streams)
        return false;
    seen = &remake->seen[packet->stream_index];
    if (remake->has_sought)
        return packet->dts <= *seen;
    *seen = packet->dts;
    return false;
}

static int copy_packet(struct remake *remake, AVPacket *packet, struct error *error)
{
    int64_t source_dts = packet->dts;
    int result, status;

    if (was_seen(remake, packet))
        return 0;
    status = cutter_prepare(&remake->cutter, packet, error);
    if (status <= 0)
        return status;
    result = cutter_feed(&remake->cutter, packet, source_dts, false);
    if (result < 0)
        return media_error(error, ERROR_UNREADABLE, result, "the chunk cannot be made again");
    return seek_to_chunk(remake, error);
}

static int copy_packets(struct remake *remake, struct error *error)
{
    struct cutter *cutter = &remake->cutter;
    AVPacket *packet = av_packet_alloc();
    int status = 0, result = 0;

    if (!packet)
        return error_set(error, ERROR_IO, "out of memory");
    while (!status && !remake->is_whole && (result = av_read_frame(cutter->input, packet)) >= 0) {
        if (remake->watch && remake->watch->alive)
            remake->watch->alive(remake->watch->self);
        status = copy_packet(remake, packet, error);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    if (!status && !remake->is_whole)
        status = cutter_check_input(cutter, error);
    if (!status && !remake->is_whole && result != AVERROR_EOF)
        status = media_error(error, ERROR_UNREADABLE, result, "reading %s stopped before its end", cutter->path);
    if (!status && !remake->is_whole && (result = av_write_trailer(cutter->output)) < 0)
        status = media_error(error, ERROR_UNREADABLE, result, "the chunk cannot be made again");
    if (!status && remake->result < 0)
        status = media_error(error, ERROR_IO, remake->result, "there is no memory for the chunk");
    return status;
}

/* Whether the chunk has the packets that the range lists. */
static bool is_as_listed(const struct remake *remake)
{
    struct gop chunk;
    int64_t frames;

    if (!remake->is_whole || !remake->range->has_sum)
        return remake->is_whole;
    chunk = gop_list_chunk(&remake->cutter.gops, remake->wanted, &frames);
    return !remake->cutter.gops.is_unsure && frames == remake->range->frames && chunk.sum == remake->range->sum;
}

/* is_as_listed: the chunk's packets are those of the range. A copy of the video may have lost its time; then they
 * decide. */
static int check_source(const struct cutter *cutter, const struct chunk_range *range, bool is_as_listed,
                        struct error *error)
{
    if (file_stamp_equal(&cutter->stamp, &range->source) ||
        (is_as_listed && range->has_sum && cutter->stamp.size == range->source.size))
        return 0;
    return error_set(error, ERROR_IO, "%s is not the video that was split: its size or time is another; split it again",
                     cutter->path);
}

/* Only the mp4 demuxer gives the same packets and times after a seek as when it reads from the beginning. */
static bool can_seek(const struct remake *remake)
{
    return remake->range->number && remake->range->has_sum && remake->range->key_dts != AV_NOPTS_VALUE &&
           strstr(remake->cutter.input->iformat->name, "mp4");
}

/* Cuts the chunk once, with a seek if *seeks is true and it is possible; *seeks says whether it was done. 1 when the
 * chunk is as listed, 0 when not, or -1 and error. */
static int try_remake(const struct chunk_file *file, const char *source, const struct chunk_range *range, bool *seeks,
                      const struct chunk_file_watch *watch, struct error *error)
{
    struct remake remake = {.range = range, .watch = watch, .wanted = range->number, .fd = file->fd};
    struct cutter *cutter = &remake.cutter;
    int status = -1;

    if (ftruncate(file->fd, 0)) {
        error_set_errno(error, errno, "there is no memory for the chunk");
        goto end;
    }
    if (cutter_open(cutter, source, false, error) || check_source(cutter, range, true, error) ||
        cutter_make_output(cutter, error))
        goto end;
    cutter->output->opaque = &remake;
    cutter->output->io_open = open_chunk;
    cutter->output->io_close2 = close_chunk;
    *seeks = *seeks && can_seek(&remake);
    if (*seeks) {
        remake.seeks = true;
        remake.wanted = 1;
        remake.seen = malloc(cutter->input_streams * sizeof *remake.seen);
        if (!remake.seen) {
            error_set(error, ERROR_IO, "out of memory");
            goto end;
        }
        for (unsigned i = 0; i < cutter->input_streams; i++)
            remake.seen[i] = INT64_MIN;
    }
    if (begin_output(&remake) < 0)
        error_set(error, ERROR_UNREADABLE, "mp4 cannot hold the streams of %s", source);
    else if (!copy_packets(&remake, error))
        status = is_as_listed(&remake);
    if (status == 0)
        status = check_source(cutter, range, false, error);
end:
    cutter_close(cutter);
    free(remake.seen);
    return status;
}

static int remake_chunk(struct chunk_file *file, const char *source, const struct chunk_range *range,
                        const struct chunk_file_watch *watch, struct error *error)
{
    bool seeks = true;
    int status;

    file->fd = memfd_create("chunk", MFD_CLOEXEC);
    if (file->fd < 0 || asprintf(&file->path, "/proc/self/fd/%d", file->fd) < 0)
        return error_set_errno(error, errno, "there is no memory for the chunk");
    status = try_remake(file, source, range, &seeks, watch, error);
    if (status <= 0 && seeks) {
        seeks = false;
        status = try_remake(file, source, range, &seeks, watch, error);
    }
    if (status == 0)
        return error_set(error, ERROR_UNREADABLE, "chunk %zu of %s cannot be made again as it was", range->number,
                         source);
    return status < 0 ? -1 : 0;
}

int chunk_file_open(struct chunk_file **file, const char *source, const struct chunk_range *range,
                    const struct chunk_file_watch *watch, struct error *error)
{
    struct chunk_file *f = calloc(1, sizeof *f);
    int status;

    *file = f;
    if (!f)
        return error_set(error, ERROR_IO, "out of memory");
    f->fd = -1;
    if (range)
        status = remake_chunk(f, source, range, watch, error);
    else
        status = (f->path = strdup(source)) ? 0 : error_set(error, ERROR_IO, "out of memory");
    if (status)
        chunk_file_close(file);
    return status;
}

const char *chunk_file_path(const struct chunk_file *file)
{
    return file->path;
}

void chunk_file_close(struct chunk_file **file)
{
    if (!*file)
        return;
    if ((*file)->fd >= 0)
        close((*file)->fd);
    free((*file)->path);
    free(*file);
    *file = NULL;
}
