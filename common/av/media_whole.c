#include "common/av/media_whole.h"

#include <errno.h>
#include <inttypes.h>
#include <libavutil/intreadwrite.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { BOX_HEAD = 16 };

static const uint8_t ebml_id[] = {0x1A, 0x45, 0xDF, 0xA3};

/* Matroska elements that contain others and may have an unknown size. */
enum { SEGMENT_ID = 0x18538067, CLUSTER_ID = 0x1F43B675 };

/* Reads up to BOX_HEAD bytes at offset; bytes beyond the end of the file become 0. */
static int read_head(int fd, int64_t offset, uint8_t *head, struct error *error)
{
    memset(head, 0, BOX_HEAD);
    if (pread(fd, head, BOX_HEAD, offset) < 0)
        return error_set_errno(error, errno, "cannot read the video");
    return 0;
}

/* Top-level boxes of mp4 files. Anything else at that place may be no box at all. */
static bool is_box(const uint8_t *type)
{
    static const char types[][5] = {"ftyp", "moov", "mdat", "moof", "mfra", "sidx", "ssix", "styp", "free",
                                    "skip", "wide", "pnot", "meta", "uuid", "udta", "prft", "emsg"};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!memcmp(type, types[i], 4))
            return true;
    return false;
}

static int cut_short(int64_t size, int64_t end, struct error *error)
{
    return error_set(error, ERROR_UNREADABLE,
                     "the file is cut short: it has %" PRId64 " bytes and should have at least %" PRId64, size, end);
}

/* An mp4 box has a 4 byte size and a 4 byte type. Size 1: the size is in the next 8 bytes. Size 0: up to the end of the
 * file. */
static int check_mp4(int fd, int64_t size, struct error *error)
{
    uint8_t head[BOX_HEAD];
    int64_t offset = 0;

    while (offset + 8 <= size) {
        uint64_t length;

        if (read_head(fd, offset, head, error))
            return -1;
        length = AV_RB32(head);
        if (length == 0 || !is_box(head + 4))
            return 0;
        if (length == 1)
            length = AV_RB64(head + 8);
        if (length < 8)
            return 0; /* not a box: left to the demuxer */
        if (length > (uint64_t)(size - offset))
            return cut_short(size, length > INT64_MAX - (uint64_t)offset ? INT64_MAX : offset + (int64_t)length, error);
        offset += (int64_t)length;
    }
    return 0;
}

/* Reads an EBML variable-length integer of at most `longest` bytes; its first byte gives the length. An id keeps the
 * length bits. Returns the length, 0 when it is invalid. */
static int read_vint(const uint8_t *bytes, int longest, bool is_id, uint64_t *value)
{
    int length = 1;

    while (length <= longest && !(bytes[0] & (0x80 >> (length - 1))))
        length++;
    if (length > longest)
        return 0;
    *value = is_id ? bytes[0] : bytes[0] & (0x7F >> (length - 1));
    for (int i = 1; i < length; i++)
        *value = *value << 8 | bytes[i];
    return length;
}

/* Matroska is an EBML header and a segment. In a streamed file the size of the segment and of its clusters is unknown;
 * then the elements within are checked. */
static int check_matroska(int fd, int64_t size, struct error *error)
{
    uint8_t head[BOX_HEAD];
    int64_t offset = 0;

    while (offset < size) {
        uint64_t id, length;
        int id_length, size_length;

        if (read_head(fd, offset, head, error))
            return -1;
        id_length = read_vint(head, 4, true, &id);
        size_length = id_length ? read_vint(head + id_length, 8, false, &length) : 0;
        if (!size_length)
            return 0; /* not an element: left to the demuxer */
        offset += id_length + size_length;
        if (length == (UINT64_C(1) << (7 * size_length)) - 1) {
            if (id != SEGMENT_ID && id != CLUSTER_ID)
                return 0;
            continue;
        }
        if (offset > size || length > (uint64_t)(size - offset))
            return cut_short(size, offset + (int64_t)length, error);
        offset += (int64_t)length;
    }
    return 0;
}

/* FLV is a header, whose length is in it, and then repeats: 4 bytes length of the previous tag, and a tag of 1 byte
 * type, 3 bytes data length, 7 other bytes, and the data. */
static int check_flv(int fd, int64_t size, struct error *error)
{
    enum { BEFORE = 4, TAG_HEAD = 11 };
    uint8_t head[BOX_HEAD];
    int64_t offset;

    if (read_head(fd, 0, head, error))
        return -1;
    offset = AV_RB32(head + 5);
    while (offset + BEFORE < size) {
        int64_t length;

        if (read_head(fd, offset + BEFORE, head, error))
            return -1;
        length = BEFORE + TAG_HEAD + (int64_t)AV_RB24(head + 1);
        if (length > size - offset)
            return cut_short(size, offset + length, error);
        offset += length;
    }
    return 0;
}

int media_whole_check_boxes(int fd, int64_t size, struct error *error)
{
    uint8_t head[BOX_HEAD];

    if (read_head(fd, 0, head, error))
        return -1;
    if (!memcmp(head, ebml_id, sizeof ebml_id))
        return check_matroska(fd, size, error);
    if (!memcmp(head, "RIFF", 4) && !memcmp(head + 8, "AVI ", 4)) {
        int64_t end = (int64_t)AV_RL32(head + 4) + 8;

        return end > size && AV_RL32(head + 4) != UINT32_MAX ? cut_short(size, end, error) : 0;
    }
    if (!memcmp(head, "FLV\1", 4))
        return check_flv(fd, size, error);
    return is_box(head + 4) ? check_mp4(fd, size, error) : 0;
}

/* How an index entry's pos and size give the end of its packet. */
static const struct index_kind {
    const char *format; /* as part of the demuxer's name */
    bool has_sizes;     /* an entry is one packet, not a cluster */
    int head;           /* bytes of packet header, included in pos and not in size */
} index_kinds[] = {{"mp4", true, 0}, {"avi", true, 8}, {"matroska", false, 0}};

int media_whole_check_index(const AVFormatContext *format, int64_t size, struct error *error)
{
    const struct index_kind *kind = NULL;

    for (size_t i = 0; i < sizeof index_kinds / sizeof *index_kinds; i++)
        if (strstr(format->iformat->name, index_kinds[i].format))
            kind = &index_kinds[i];
    if (!kind)
        return 0;
    for (unsigned i = 0; i < format->nb_streams; i++) {
        AVStream *stream = format->streams[i];
        int count = avformat_index_get_entries_count(stream);

        for (int k = 0; k < count; k++) {
            const AVIndexEntry *entry = avformat_index_get_entry(stream, k);
            if (entry->size < 0 || entry->pos < 0)
                return error_set(error, ERROR_UNREADABLE, "the index is damaged: a packet of %d bytes at %" PRId64,
                                 entry->size, entry->pos);
            int64_t length = kind->has_sizes ? entry->size + kind->head : 1;

            if (entry->pos > size - length)
                return cut_short(size, entry->pos > INT64_MAX - length ? INT64_MAX : entry->pos + length, error);
        }
    }
    return 0;
}
