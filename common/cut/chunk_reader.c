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
    int added;       /* index of the other stream whose packets are given; -1: none */
    int64_t packets; /* of the video stream, given so far */
};

static int open_address(struct chunk_reader *reader, const char *address, struct error *error)
{
    struct chunk_range range;
    int has_range = chunk_range_from_address(address, &range, error), video;

    if (has_range < 0 ||
        chunk_file_open(&reader->file, chunk_range_path(address), has_range ? &range : NULL, NULL, error) ||
        media_open(&reader->format, chunk_file_path(reader->file), error))
        return -1;
    video = media_video_stream(reader->format, error);
    if (video < 0)
        return -1;
    reader->video = reader->format->streams[video];
    for (unsigned i = 0; i < reader->format->nb_streams; i++)
        if ((int)i != video)
            reader->format->streams[i]->discard = AVDISCARD_ALL;
    return 0;
}

int chunk_reader_open(struct chunk_reader **reader, const char *address, struct error *error)
{
    struct chunk_reader *r = calloc(1, sizeof *r);

    *reader = r;
    if (!r)
        return error_set(error, ERROR_IO, "out of memory");
    r->added = -1;
    if (!open_address(r, address, error))
        return 0;
    chunk_reader_close(reader);
    return -1;
}

void chunk_reader_close(struct chunk_reader **reader)
{
    if (!*reader)
        return;
    avformat_close_input(&(*reader)->format);
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
    if (index < 0 || (unsigned)index >= reader->format->nb_streams)
        return;
    reader->added = index;
    reader->format->streams[index]->discard = AVDISCARD_DEFAULT;
}

int64_t chunk_reader_packets(const struct chunk_reader *reader)
{
    return reader->packets;
}

/* A file that was cut off can end between two packets. The index of mp4 says how many there should be. */
static int check_end(const struct chunk_reader *reader, struct error *error)
{
    int64_t expected = avformat_index_get_entries_count(reader->video);

    if (strstr(reader->format->iformat->name, "mp4") && reader->packets < expected)
        return error_set(error, ERROR_UNREADABLE, "the chunk breaks off: %lld of %lld packets are there",
                         (long long)reader->packets, (long long)expected);
    return 0;
}

int chunk_reader_next(struct chunk_reader *reader, AVPacket *packet, struct error *error)
{
    int result;

    while ((result = av_read_frame(reader->format, packet)) >= 0) {
        bool is_video = packet->stream_index == reader->video->index;

        reader->packets += is_video;
        if (is_video || packet->stream_index == reader->added)
            return 1;
        av_packet_unref(packet);
    }
    return result == AVERROR_EOF ? check_end(reader, error)
                                 : media_error(error, ERROR_UNREADABLE, result, "the chunk cannot be read to its end");
}
