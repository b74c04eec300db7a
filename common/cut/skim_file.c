#include "common/cut/skim_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/error.h>
#include <libavutil/macros.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/av/media.h"
#include "common/av/nal.h"

enum {
    BUFFER_SIZE = 1 << 15, /* bytes, as libavformat uses for files */
    SLICE_SIZE = 1024,     /* the parser reads at most 1000 bytes of a slice */
    HEAD_SIZE = 1152,      /* first bytes read of a packet */
    PACKET_SIZE = 4096,    /* if the mean packet is smaller, reading everything is faster */
    ELSE_SIZE = 4096,      /* of a read between packets, after which a seek is likely */
    AHEAD = 1 << 20,       /* how far ahead the file is fetched into memory */
    LOOK = 1 << 19,        /* bytes between two checks of that range */
    STEP = 1 << 17         /* the kernel fetches at most this much per request */
};

struct skim_file {
    int fd;
    int64_t place;    /* of the next read */
    int64_t check_at; /* offset at which fetch_ahead() looks again */
    int64_t fetched;  /* end of what was requested */
    AVIOContext *avio;
    /* Set by skim_file_begin: */
    AVStream *video; /* NULL: all is read */
    int next;        /* the stream's index entries before it lie before place */
    int length_size;
    int64_t size; /* of the file */
};

bool skim_file_suffices(const uint8_t *head, size_t known, size_t size, int length_size)
{
    struct nal_walk walk = {head, head + size, length_size};
    struct nal nal;

    /* Stops where the next unit's length and header are not known. */
    while ((size_t)(walk.next - head) + (size_t)length_size < known && nal_next(&walk, &nal) == NAL_UNIT)
        if (nal_h264_type(&nal) == H264_SLICE || nal_h264_type(&nal) == H264_IDR)
            return (size_t)(nal.data - head) + SLICE_SIZE <= known;
    return false;
}

/* Whether the next size bytes are a packet that may be skimmed: one that is not a key frame. */
static bool is_picture(struct skim_file *file, int size)
{
    int count = avformat_index_get_entries_count(file->video);
    const AVIndexEntry *entry = NULL;

    while (file->next < count && (entry = avformat_index_get_entry(file->video, file->next)) &&
           entry->pos < file->place)
        file->next++;
    return file->next < count && entry && entry->pos == file->place && entry->size == size &&
           !(entry->flags & AVINDEX_KEYFRAME) && size > HEAD_SIZE && size <= file->size - file->place;
}

/* Whether the byte at place is in the page cache. Also false where the kernel cannot tell. */
static bool is_in_memory(const struct skim_file *file, int64_t place)
{
    uint8_t byte;
    struct iovec part = {&byte, 1};

    return preadv2(file->fd, &part, 1, place, RWF_NOWAIT) == 1;
}

/* Reads with gaps do not trigger the kernel's readahead, so it is requested here. */
static void fetch_ahead(struct skim_file *file)
{
    int64_t end = FFMIN(file->place + AHEAD, file->size);

    if (file->place < file->check_at)
        return;
    file->check_at = file->place + LOOK;
    if (is_in_memory(file, end - 1))
        return;
    for (file->fetched = FFMAX(file->fetched, file->place); file->fetched < end; file->fetched += STEP)
        (void)posix_fadvise(file->fd, file->fetched, STEP, POSIX_FADV_WILLNEED);
}

/* The number of bytes at place, 0 at the end of the file, or an AVERROR code. */
static int read_some(struct skim_file *file, uint8_t *buffer, int size)
{
    ssize_t got = pread(file->fd, buffer, (size_t)size, file->place);

    if (got < 0)
        return AVERROR(errno);
    file->place += got;
    return (int)got;
}

/* Reads a packet of size bytes, or its first bytes only. Returns as read_some. */
static int read_picture(struct skim_file *file, uint8_t *buffer, int size)
{
    int got, more;

    fetch_ahead(file);
    got = read_some(file, buffer, HEAD_SIZE);
    if (got < HEAD_SIZE)
        return got;
    if (skim_file_suffices(buffer, HEAD_SIZE, (size_t)size, file->length_size)) {
        file->place += size - HEAD_SIZE;
        return size;
    }
    more = read_some(file, buffer + got, size - got);
    return more < 0 ? more : got + more;
}

/* read_packet of avio_alloc_context(). */
static int read_bytes(void *opaque, uint8_t *buffer, int size)
{
    struct skim_file *file = opaque;
    int got;

    if (!file->video)
        got = read_some(file, buffer, size);
    else if (is_picture(file, size))
        got = read_picture(file, buffer, size);
    else
        got = read_some(file, buffer, size == BUFFER_SIZE ? ELSE_SIZE : size);
    return got ? got : AVERROR_EOF;
}

/* seek of avio_alloc_context(); avio_seek() makes every offset one from the beginning. */
static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
    struct skim_file *file = opaque;
    struct stat facts;

    if (whence == AVSEEK_SIZE)
        return fstat(file->fd, &facts) ? AVERROR(errno) : facts.st_size;
    if (whence != SEEK_SET || offset < 0)
        return AVERROR(EINVAL);
    file->place = offset;
    return offset;
}

int skim_file_open(struct skim_file **file, const char *path, struct error *error)
{
    struct skim_file *f = calloc(1, sizeof *f);

    *file = NULL;
    if (f)
        f->avio = media_avio_wrap(BUFFER_SIZE, f, read_bytes, seek_bytes);
    if (!f || !f->avio) {
        free(f);
        return error_set(error, ERROR_IO, "out of memory");
    }
    /* Updating atime costs a tenth of each short read. Only the owner may turn it off. */
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOATIME);
    if (f->fd < 0 && errno == EPERM)
        f->fd = open(path, O_RDONLY | O_CLOEXEC);
    *file = f;
    if (f->fd >= 0)
        return 0;
    error_set_errno(error, errno, "cannot open %s", path);
    skim_file_close(file);
    return -1;
}

void skim_file_close(struct skim_file **file)
{
    if (!*file)
        return;
    if ((*file)->fd >= 0)
        close((*file)->fd);
    media_avio_unwrap(&(*file)->avio);
    free(*file);
    *file = NULL;
}

AVIOContext *skim_file_avio(const struct skim_file *file)
{
    return file->avio;
}

/* Mean packet size in the index, 0 when it is empty. */
static int64_t mean_size(AVStream *stream)
{
    int count = avformat_index_get_entries_count(stream);
    int64_t sum = 0;

    for (int i = 0; i < count; i++)
        sum += avformat_index_get_entry(stream, i)->size;
    return count ? sum / count : 0;
}

void skim_file_begin(struct skim_file *file, const AVFormatContext *format, int video)
{
    AVStream *stream = format->streams[video];
    const AVCodecParameters *codec = stream->codecpar;
    int length_size = nal_length_size(false, codec->extradata, (size_t)codec->extradata_size);
    struct stat facts;

    /* Only units with lengths: start codes may be anywhere in a packet. */
    if (mean_size(stream) < PACKET_SIZE || !strstr(format->iformat->name, "mp4") ||
        codec->codec_id != AV_CODEC_ID_H264 || length_size <= 0 || fstat(file->fd, &facts))
        return;
    file->length_size = length_size;
    file->size = facts.st_size;
    file->video = stream;
    file->avio->direct = 1; /* a packet is read in one call */
}
