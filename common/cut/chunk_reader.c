#include "common/cut/chunk_reader.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/av/media.h"
#include "common/cut/chunk_file.h"

struct chunk_reader {
    struct chunk_file *file;
    AVFormatContext *format;
    AVStream *video;
    int64_t packets;    /* of the video stream, before the next one */
    AVPacket *held;     /* was read while seeking; chunk_reader_next gives it first */
    bool has_held;      /* held is not empty */
    bool is_given[256]; /* by index: the streams whose packets are given */
};

enum { STREAMS_MAX = sizeof((struct chunk_reader *)0)->is_given };

static void choose_streams(struct chunk_reader *reader)
{
    for (unsigned i = 0; i < reader->format->nb_streams; i++)
        if (i >= STREAMS_MAX || !reader->is_given[i])
            reader->format->streams[i]->discard = AVDISCARD_ALL;
}

static bool is_mp4(const struct chunk_reader *reader)
{
    return strstr(reader->format->iformat->name, "mp4");
}

/* Opens the file once more, at its beginning. */
static int open_file(struct chunk_reader *reader, struct error *error)
{
    int video;

    media_close(&reader->format);
    av_packet_unref(reader->held);
    reader->has_held = false;
    reader->packets = 0;
    if (media_open(&reader->format, chunk_file_path(reader->file), error))
        return -1;
    video = media_video_stream(reader->format, error);
    if (video < 0)
        return -1;
    if (video >= STREAMS_MAX)
        return error_set(error, ERROR_UNREADABLE, "the chunk holds too many streams");
    reader->video = reader->format->streams[video];
    reader->is_given[video] = true;
    choose_streams(reader);
    return 0;
}

static int open_address(struct chunk_reader *reader, const char *address, struct error *error)
{
    struct chunk_range range;
    int ranged = chunk_range_from_address(address, &range, error);

    if (ranged < 0 || chunk_file_open(&reader->file, chunk_range_path(address), ranged ? &range : NULL, NULL, error))
        return -1;
    return open_file(reader, error);
}

int chunk_reader_open(struct chunk_reader **reader, const char *address, struct error *error)
{
    struct chunk_reader *r = calloc(1, sizeof *r);

    *reader = r;
    if (r)
        r->held = av_packet_alloc();
    if (!r || !r->held)
        error_set(error, ERROR_IO, "out of memory");
    else if (!open_address(r, address, error))
        return 0;
    chunk_reader_close(reader);
    return -1;
}

void chunk_reader_close(struct chunk_reader **reader)
{
    if (!*reader)
        return;
    media_close(&(*reader)->format);
    av_packet_free(&(*reader)->held);
    chunk_file_close(&(*reader)->file);
    free(*reader);
    *reader = NULL;
}

AVFormatContext *chunk_reader_format(const struct chunk_reader *reader)
{
    return reader->format;
}

AVStream *chunk_reader_video(const struct chunk_reader *reader)
{
    return reader->video;
}

void chunk_reader_add_stream(struct chunk_reader *reader, int index)
{
    if (index < 0 || index >= STREAMS_MAX || (unsigned)index >= reader->format->nb_streams)
        return;
    reader->is_given[index] = true;
    reader->format->streams[index]->discard = AVDISCARD_DEFAULT;
}

int64_t chunk_reader_packets(const struct chunk_reader *reader)
{
    return reader->packets;
}

/* A file that was cut off can end between two packets; mp4 says how many there should be. */
static int check_end(const struct chunk_reader *reader, struct error *error)
{
    int64_t expected = avformat_index_get_entries_count(reader->video);

    if (is_mp4(reader) && reader->packets < expected)
        return error_set(error, ERROR_UNREADABLE, "the chunk breaks off: %lld of %lld packets are there",
                         (long long)reader->packets, (long long)expected);
    return 0;
}

int chunk_reader_next(struct chunk_reader *reader, AVPacket *packet, struct error *error)
{
    for (;;) {
        int result = 0;

        if (reader->has_held)
            av_packet_move_ref(packet, reader->held);
        else
            result = av_read_frame(reader->format, packet);
        reader->has_held = false;
        if (result == AVERROR_EOF)
            return check_end(reader, error);
        if (result < 0)
            return media_error(error, ERROR_UNREADABLE, result, "the chunk cannot be read to its end");
        if (packet->stream_index == reader->video->index)
            reader->packets++;
        if (packet->stream_index < STREAMS_MAX && reader->is_given[packet->stream_index])
            return 1;
        av_packet_unref(packet);
    }
}

struct chunk_place chunk_reader_place(const struct chunk_reader *reader, const AVPacket *packet)
{
    return (struct chunk_place){
        .number = reader->packets - 1, .pts = packet->pts, .dts = packet->dts, .pos = packet->pos};
}

static bool is_at(const AVPacket *packet, const struct chunk_place *place)
{
    return packet->pts == place->pts && packet->dts == place->dts && packet->pos == place->pos;
}

/* Seeks by the container's index and looks whether that led to the very packet, which is then held. Other containers
 * than mp4 make up times as they read, and would make up others from here on. */
static bool jump(struct chunk_reader *reader, const struct chunk_place *place)
{
    struct error ignored;

    if (!is_mp4(reader) || place->dts == AV_NOPTS_VALUE || place->pos < 0)
        return false;
    av_packet_unref(reader->held);
    reader->has_held = false;
    if (av_seek_frame(reader->format, reader->video->index, place->dts, AVSEEK_FLAG_BACKWARD) < 0)
        return false;
    while (chunk_reader_next(reader, reader->held, &ignored) > 0) {
        if (reader->held->stream_index == reader->video->index) {
            reader->has_held = is_at(reader->held, place);
            reader->packets = place->number;
            return reader->has_held;
        }
        av_packet_unref(reader->held);
    }
    return false;
}

int chunk_reader_seek(struct chunk_reader *reader, const struct chunk_place *place, struct error *error)
{
    int status = 1;

    if (jump(reader, place))
        return 0;
    if (open_file(reader, error))
        return -1;
    while (status > 0 && reader->packets < place->number) {
        status = chunk_reader_next(reader, reader->held, error);
        av_packet_unref(reader->held);
    }
    if (status == 0)
        return error_set(error, ERROR_UNREADABLE, "the chunk ends before its packet %lld", (long long)place->number);
    return status < 0 ? -1 : 0;
}
