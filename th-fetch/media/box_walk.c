#include "th-fetch/media/box_walk.h"

#include <libavutil/intreadwrite.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD = 16,           /* bytes of the longest head of a box */
    HEAD_BLOCK = 4096,   /* bytes wanted where a box begins: most fragments have a smaller `moof` */
    TAIL_MAX = 16 << 20, /* bytes behind the media data that are read at once: `moov` */
    BOX_MAX = 512 << 20, /* bytes of a box that is read */
    INDEXES_MAX = 16     /* `sidx` boxes */
};

struct walk {
    int fd;
    int64_t size;
    const struct byte_ranges *there;
    struct byte_ranges *wanted;
    int indexes;
    bool is_behind_data; /* a top level `mdat` was passed */
    int64_t indexed;     /* the fragments before this offset are listed in a `sidx`; 0: none */
    const char *why;
};

struct box {
    int64_t at, end; /* of the box */
    int head;        /* bytes before its content */
    char type[4];
};

static void want(struct walk *walk, int64_t from, int64_t to)
{
    if (byte_ranges_add(walk->wanted, from, to < walk->size ? to : walk->size) < 0)
        walk->why = "memory ran out";
}

static bool is_type(const struct box *box, const char *type)
{
    return memcmp(box->type, type, 4) == 0;
}

/* Reads the head of the box at `at`. False when that is not there (wanted is extended), or no box. */
static bool read_head(struct walk *walk, int64_t at, struct box *box)
{
    uint8_t head[HEAD] = {0};
    int64_t length, bytes = walk->size - at < HEAD ? walk->size - at : HEAD;

    if (!byte_ranges_hold(walk->there, at, bytes)) {
        want(walk, at, walk->is_behind_data && walk->size - at <= TAIL_MAX ? walk->size : at + HEAD_BLOCK);
        return false;
    }
    if (bytes < 8 || pread(walk->fd, head, (size_t)bytes, at) != bytes) {
        walk->why = "its boxes cannot be read";
        return false;
    }
    memcpy(box->type, head + 4, 4);
    box->at = at;
    box->head = AV_RB32(head) == 1 ? 16 : 8;
    length = AV_RB32(head) == 1 ? (int64_t)AV_RB64(head + 8) : AV_RB32(head);
    if (AV_RB32(head) == 0)
        length = walk->size - at;
    if (length < box->head || length > walk->size - at) {
        walk->why = "its boxes cannot be followed";
        return false;
    }
    box->end = at + length;
    return true;
}

/* Whether all of the box is there; otherwise it is wanted, and the head of the box behind it. */
static bool has_all(struct walk *walk, const struct box *box)
{
    if (byte_ranges_hold(walk->there, box->at, box->end - box->at))
        return true;
    if (box->end - box->at > BOX_MAX)
        walk->why = "its index is too large";
    want(walk, box->at, box->end + HEAD);
    return false;
}

static void walk_boxes(struct walk *walk, int64_t at, int64_t end, bool is_segment);

/* Reads the segments that a `sidx` box lists (ISO/IEC 14496-12, 8.16.3), and walks over each. */
static void walk_index(struct walk *walk, const struct box *box)
{
    size_t size = (size_t)(box->end - box->at);
    const uint8_t *content;
    uint8_t *data = malloc(size);
    size_t left = size - (size_t)box->head, fixed;
    int64_t at = box->end;

    if (!data || pread(walk->fd, data, size, box->at) != (ssize_t)size || left < 12) {
        walk->why = "its index of fragments cannot be read";
        free(data);
        return;
    }
    content = data + box->head;
    fixed = 12 + (content[0] ? 16 : 8) + 4;
    if (left >= fixed) {
        at += content[0] ? (int64_t)AV_RB64(content + 20) : AV_RB32(content + 16);
        for (size_t i = 0, count = AV_RB16(content + fixed - 2); i < count && left >= fixed + 12 * (i + 1); i++) {
            uint32_t reference = AV_RB32(content + fixed + 12 * i);
            int64_t end = at + (reference & 0x7fffffff);

            if (at < box->end || end > walk->size || end == at) {
                walk->why = "its index of fragments is wrong";
                break;
            }
            if (!(reference >> 31))
                walk_boxes(walk, at, end, true);
            at = end;
        }
        walk->indexed = at > walk->indexed ? at : walk->indexed;
    }
    free(data);
}

/* Walks over the boxes from at to end: those of the file, or of a segment. */
static void walk_boxes(struct walk *walk, int64_t at, int64_t end, bool is_segment)
{
    struct box box;

    for (; at < end && !walk->why && read_head(walk, at, &box); at = box.end) {
        if (is_type(&box, "mdat")) {
            walk->is_behind_data |= !is_segment;
            continue;
        }
        if (is_type(&box, "moof") && !is_segment) {
            if (at >= walk->indexed) {
                walk->why = "its fragments are not listed in an index";
                return;
            }
            box.end = walk->indexed; /* these were walked over as segments */
            continue;
        }
        if (!has_all(walk, &box)) {
            if (is_type(&box, "sidx"))
                return;
            continue;
        }
        if (is_type(&box, "sidx") && !is_segment) {
            if (++walk->indexes > INDEXES_MAX)
                walk->why = "it has too many indexes of fragments";
            else
                walk_index(walk, &box);
        }
    }
}

const char *box_walk(const struct partial_file *file, struct byte_ranges *wanted)
{
    static const char *const first_types[] = {"ftyp", "styp", "moov", "free", "skip", "wide"};
    struct walk walk = {.fd = partial_file_fd(file),
                        .size = partial_file_size(file),
                        .there = partial_file_ranges(file),
                        .wanted = wanted};
    bool is_mp4 = false;
    struct box box = {0};

    if (!read_head(&walk, 0, &box) && !walk.why)
        return NULL;
    for (size_t i = 0; i < sizeof first_types / sizeof *first_types; i++)
        is_mp4 |= is_type(&box, first_types[i]);
    if (!is_mp4)
        return "only mp4 files say where their packets are";
    walk_boxes(&walk, 0, walk.size, false);
    return walk.why;
}
