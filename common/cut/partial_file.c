#include "common/cut/partial_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/output/json_file.h"

enum { BUFFER_SIZE = 1 << 15 /* bytes, as libavformat uses for files */ };

struct partial_file {
    int fd;
    int64_t size, place; /* of the file; of the next read */
    struct byte_ranges ranges;
    struct byte_range missed; /* empty: none */
    AVIOContext *avio;
    const AVFormatContext *format; /* NULL: holes cannot be read */
};

/* Muxers take it as a packet of any codec. For AV1 it is an open bitstream unit of a reserved type (4 bits) with its
 * length, and for VP9 a frame that is shown. */
static const uint8_t mark[] = {0x4A, 0x0E, 'n', 'o', 't', ' ', 'd', 'o', 'w', 'n', 'l', 'o', 'a', 'd', 'e', 'd'};

bool partial_file_is_name(const char *path)
{
    size_t length = strlen(path), suffix = strlen(PARTIAL_FILE_SUFFIX);

    return length > suffix && strcmp(path + length - suffix, PARTIAL_FILE_SUFFIX) == 0;
}

/* The path of its note, in new memory; NULL when out of memory. */
static char *note_path(const char *path)
{
    char *note;

    return asprintf(&note, "%s.json", path) < 0 ? NULL : note;
}

void partial_file_allow(const char *path, struct sandbox *sandbox)
{
    char *note = partial_file_is_name(path) ? note_path(path) : NULL;

    sandbox_read(sandbox, path);
    sandbox_read(sandbox, note);
    free(note);
}

/* The index of the stream's packet that lies at `place` or covers it; -1 when there is none. */
static int find_packet(AVStream *stream, int64_t place)
{
    int low = 0, high = avformat_index_get_entries_count(stream);
    const AVIndexEntry *entry;

    while (low < high) {
        int middle = low + (high - low) / 2;

        entry = avformat_index_get_entry(stream, middle);
        if (entry && entry->pos <= place)
            low = middle + 1;
        else
            high = middle;
    }
    entry = low ? avformat_index_get_entry(stream, low - 1) : NULL;
    return entry && place < entry->pos + entry->size ? low - 1 : -1;
}

/* How many bytes at the place of reading belong to a packet; 0 when that is not known. */
static int64_t packet_bytes(const struct partial_file *file)
{
    for (unsigned i = 0; file->format && i < file->format->nb_streams; i++) {
        AVStream *stream = file->format->streams[i];
        int number = find_packet(stream, file->place);

        if (number >= 0) {
            const AVIndexEntry *entry = avformat_index_get_entry(stream, number);

            return entry->pos + entry->size - file->place;
        }
    }
    return 0;
}

/* Reads size bytes of a hole that ends at `end`: zeros within a packet. Returns as read_bytes. */
static int read_hole(struct partial_file *file, uint8_t *buffer, int size, int64_t end)
{
    int64_t bytes = packet_bytes(file);

    if (bytes <= 0) {
        if (file->missed.from == file->missed.to)
            file->missed = (struct byte_range){file->place, FFMIN(end, file->place + size)};
        return AVERROR(ENODATA);
    }
    size = (int)FFMIN(FFMIN(bytes, end - file->place), size);
    memset(buffer, 0, (size_t)size);
    file->place += size;
    return size;
}

/* read_packet of avio_alloc_context(). */
static int read_bytes(void *opaque, uint8_t *buffer, int size)
{
    struct partial_file *file = opaque;
    int64_t end = byte_ranges_end(&file->ranges, file->place);
    ssize_t got;

    if (file->place >= file->size)
        return AVERROR_EOF;
    if (end <= file->place)
        return read_hole(file, buffer, size, FFMIN(byte_ranges_next(&file->ranges, file->place), file->size));
    got = pread(file->fd, buffer, (size_t)FFMIN(end - file->place, size), file->place);
    if (got < 0)
        return AVERROR(errno);
    file->place += got;
    return got ? (int)got : AVERROR_EOF;
}

/* seek of avio_alloc_context(); avio_seek() makes every offset one from the beginning. */
static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct partial_file *file = opaque;

    if (whence == AVSEEK_SIZE)
        return file->size;
    if (whence != SEEK_SET || offset < 0)
        return AVERROR(EINVAL);
    return file->place = offset;
}

/* Reads the note: which bytes are there. 0, or -1 and error. */
static int read_note(struct partial_file *file, const char *path, struct error *error)
{
    char *note = note_path(path);
    json_t *json;
    bool is_good;

    if (!note)
        return error_set(error, ERROR_IO, "out of memory");
    json = json_file_load(note, PARTIAL_FILE_NOTE_BYTES_MAX);
    file->size = json_integer_value(json_object_get(json, "bytes"));
    is_good = file->size > 0 && byte_ranges_from_json(&file->ranges, json_object_get(json, "ranges")) &&
              (!file->ranges.count || file->ranges.list[file->ranges.count - 1].to <= file->size);
    if (!is_good)
        error_set(error, ERROR_IO, "%.300s does not say which bytes of the video are there", note);
    json_decref(json);
    free(note);
    return is_good ? 0 : -1;
}

int partial_file_open(struct partial_file **out, const char *path, struct error *error)
{
    struct partial_file *file = calloc(1, sizeof *file);
    struct stat facts;

    *out = NULL;
    if (file)
        file->avio = media_avio_wrap(BUFFER_SIZE, file, read_bytes, seek_bytes);
    if (!file || !file->avio) {
        free(file);
        return error_set(error, ERROR_IO, "out of memory");
    }
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0 || fstat(file->fd, &facts) < 0)
        error_set_errno(error, errno, "cannot open %.300s", path);
    else if (read_note(file, path, error) == 0) {
        if (facts.st_size == file->size) {
            *out = file;
            return 0;
        }
        error_set(error, ERROR_IO, "%.300s has %" PRId64 " bytes, and its note says %" PRId64, path,
                  (int64_t)facts.st_size, file->size);
    }
    partial_file_close(&file);
    return -1;
}

void partial_file_close(struct partial_file **file)
{
    if (!*file)
        return;
    if ((*file)->fd >= 0)
        close((*file)->fd);
    media_avio_unwrap(&(*file)->avio);
    byte_ranges_clear(&(*file)->ranges);
    free(*file);
    *file = NULL;
}

AVIOContext *partial_file_avio(const struct partial_file *file)
{
    return file->avio;
}

void partial_file_begin(struct partial_file *file, const AVFormatContext *format)
{
    file->format = format;
}

bool partial_file_missed(const struct partial_file *file, struct byte_range *range)
{
    *range = file->missed;
    return range->from < range->to;
}

int partial_file_check(const struct partial_file *file, const char *path, struct error *error)
{
    struct byte_range range;

    if (!partial_file_missed(file, &range))
        return 0;
    return error_set(error, ERROR_NOT_FETCHED, "the bytes from %" PRId64 " on of %.300s were not downloaded",
                     range.from, path);
}

const struct byte_ranges *partial_file_ranges(const struct partial_file *file)
{
    return &file->ranges;
}

int64_t partial_file_size(const struct partial_file *file)
{
    return file->size;
}

int partial_file_fd(const struct partial_file *file)
{
    return file->fd;
}

bool partial_file_holds(const struct partial_file *file, AVPacket *packet)
{
    AVStream *stream = file->format->streams[packet->stream_index];
    int number;

    if (packet->pos < 0 || byte_ranges_hold(&file->ranges, packet->pos, packet->size))
        return true;
    number = find_packet(stream, packet->pos);
    packet->flags &= ~AV_PKT_FLAG_KEY;
    if (number >= 0 && avformat_index_get_entry(stream, number)->flags & AVINDEX_KEYFRAME)
        packet->flags |= AV_PKT_FLAG_KEY;
    return false;
}

int partial_file_mark(AVPacket *packet)
{
    int result = 0;

    if (packet->size > (int)sizeof mark)
        av_shrink_packet(packet, (int)sizeof mark);
    else
        result = av_grow_packet(packet, (int)sizeof mark - packet->size);
    if (result >= 0)
        result = av_packet_make_writable(packet);
    if (result >= 0)
        memcpy(packet->data, mark, sizeof mark);
    return result;
}

bool partial_file_is_marked(const AVPacket *packet)
{
    return packet->size == (int)sizeof mark && memcmp(packet->data, mark, sizeof mark) == 0;
}
