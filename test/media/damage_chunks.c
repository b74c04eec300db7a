/* Damages a good mp4 file in many ways: damage_chunks FILE FOLDER NAME writes FOLDER/NAME_0000.mp4 and so on, the same
 * files each time, and prints a line for each: its name and what was done to it. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BOXES_MAX = 256,
    HEADER_BYTES = 8, /* of a box: its size in 32 bits, its type */
    FLIP_FILES = 60   /* for each of: headers only, samples only, anywhere */
};

struct box {
    size_t at, size;
    int parent; /* index, -1: the file */
    char type[5];
};

struct maker {
    const char *folder, *name;
    uint8_t *good;
    size_t size;
    struct box boxes[BOXES_MAX]; /* parents first */
    int count;
    uint64_t seed;
    int made;
};

static uint32_t read32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void write32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A number below limit; splitmix64 (Steele, Lea, Flood, 2014). */
static size_t random_below(struct maker *maker, size_t limit)
{
    uint64_t value = maker->seed += 0x9e3779b97f4a7c15;

    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return (size_t)((value ^ value >> 31) % limit);
}

static bool read_file(struct maker *maker, const char *path)
{
    FILE *file = fopen(path, "rb");
    long size = -1;
    bool is_read = false;

    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size > 0 && fseek(file, 0, SEEK_SET) == 0) {
        maker->size = (size_t)size;
        maker->good = malloc(maker->size);
        is_read = maker->good && fread(maker->good, 1, maker->size, file) == maker->size;
    }
    if (file)
        fclose(file);
    return is_read;
}

static bool write_file(struct maker *maker, const uint8_t *bytes, size_t size, const char *what)
{
    char path[4096];
    FILE *file;
    bool is_written;

    snprintf(path, sizeof path, "%s/%s_%04d.mp4", maker->folder, maker->name, maker->made);
    file = fopen(path, "wb");
    is_written = file && fwrite(bytes, 1, size, file) == size;
    if (file && fclose(file))
        is_written = false;
    if (is_written)
        printf("%s_%04d %s\n", maker->name, maker->made++, what);
    else
        fprintf(stderr, "damage_chunks: cannot write '%s': %s\n", path, strerror(errno));
    return is_written;
}

static bool holds_boxes(const char *type)
{
    static const char *const types[] = {"moov", "trak", "edts", "mdia", "minf", "dinf", "stbl"};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

/* Lists the boxes between at and end. */
static void find_boxes(struct maker *maker, size_t at, size_t end, int parent)
{
    while (at + HEADER_BYTES <= end && maker->count < BOXES_MAX) {
        struct box *box = &maker->boxes[maker->count];

        *box = (struct box){.at = at, .size = read32(maker->good + at), .parent = parent};
        memcpy(box->type, maker->good + at + 4, 4);
        if (box->size < HEADER_BYTES || box->size > end - at)
            return;
        maker->count++;
        if (holds_boxes(box->type))
            find_boxes(maker, at + HEADER_BYTES, at + box->size, maker->count - 1);
        at += box->size;
    }
}

static const struct box *find_box(const struct maker *maker, const char *type)
{
    for (int i = 0; i < maker->count; i++)
        if (strcmp(maker->boxes[i].type, type) == 0)
            return &maker->boxes[i];
    return NULL;
}

/* One file with 1 to 4 bits flipped between at and end. */
static bool flip(struct maker *maker, const char *where, size_t at, size_t end)
{
    uint8_t *bytes = malloc(maker->size);
    size_t flips = 1 + random_below(maker, 4);
    char what[80];
    bool is_written;

    if (!bytes)
        return false;
    memcpy(bytes, maker->good, maker->size);
    for (size_t i = 0; i < flips; i++)
        bytes[at + random_below(maker, end - at)] ^= (uint8_t)(1u << random_below(maker, 8));
    snprintf(what, sizeof what, "bits flipped %s: %zu", where, flips);
    is_written = write_file(maker, bytes, maker->size, what);
    free(bytes);
    return is_written;
}

static bool flip_all(struct maker *maker)
{
    const struct box *headers = find_box(maker, "moov"), *samples = find_box(maker, "mdat");

    if (!headers || !samples)
        return false;
    for (int i = 0; i < FLIP_FILES; i++)
        if (!flip(maker, "in headers", headers->at, headers->at + headers->size) ||
            !flip(maker, "in samples", samples->at, samples->at + samples->size) ||
            !flip(maker, "anywhere", 0, maker->size))
            return false;
    return true;
}

static bool truncate_all(struct maker *maker)
{
    char what[80];

    for (size_t tenth = 0; tenth < 10; tenth++) {
        snprintf(what, sizeof what, "truncated to %zu tenths", tenth);
        if (!write_file(maker, maker->good, maker->size * tenth / 10, what))
            return false;
    }
    return true;
}

/* One file with two boxes of the same parent swapped; a is in front of b. */
static bool swap(struct maker *maker, const struct box *a, const struct box *b)
{
    uint8_t *bytes = malloc(maker->size);
    size_t between = b->at - a->at - a->size;
    char what[80];
    bool is_written;

    if (!bytes)
        return false;
    memcpy(bytes, maker->good, maker->size);
    memcpy(bytes + a->at, maker->good + b->at, b->size);
    memcpy(bytes + a->at + b->size, maker->good + a->at + a->size, between);
    memcpy(bytes + a->at + b->size + between, maker->good + a->at, a->size);
    snprintf(what, sizeof what, "boxes swapped: %s, %s", a->type, b->type);
    is_written = write_file(maker, bytes, maker->size, what);
    free(bytes);
    return is_written;
}

static bool swap_all(struct maker *maker)
{
    for (int a = 0; a < maker->count; a++)
        for (int b = a + 1; b < maker->count; b++)
            if (maker->boxes[a].parent == maker->boxes[b].parent && !swap(maker, &maker->boxes[a], &maker->boxes[b]))
                return false;
    return true;
}

/* One file with the 32 bits at `at` replaced. */
static bool replace(struct maker *maker, const struct box *box, const char *which, size_t at, uint32_t value)
{
    char what[80];
    uint32_t good = read32(maker->good + at);
    bool is_written;

    write32(maker->good + at, value);
    snprintf(what, sizeof what, "%s of %s: %" PRIu32, which, box->type, value);
    is_written = write_file(maker, maker->good, maker->size, what);
    write32(maker->good + at, good);
    return is_written;
}

/* Changes the size of boxes and the 32 bits after version and flags, the number of entries in most leaf boxes. */
static bool resize_all(struct maker *maker)
{
    static const uint32_t values[] = {0, 1, 0x7fffffff, 0xffffffff};

    for (int i = 0; i < maker->count; i++) {
        const struct box *box = &maker->boxes[i];

        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            if (!replace(maker, box, "size", box->at, values[v]))
                return false;
            if (!holds_boxes(box->type) && box->size >= HEADER_BYTES + 8 &&
                !replace(maker, box, "count", box->at + HEADER_BYTES + 4, values[v]))
                return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct maker maker = {.seed = 1};
    bool is_done = false;

    if (argc != 4) {
        fprintf(stderr, "usage: damage_chunks FILE FOLDER NAME\n");
        return 2;
    }
    maker.folder = argv[2];
    maker.name = argv[3];
    if (!read_file(&maker, argv[1])) {
        fprintf(stderr, "damage_chunks: cannot read '%s': %s\n", argv[1], strerror(errno));
    } else {
        find_boxes(&maker, 0, maker.size, -1);
        is_done = flip_all(&maker) && truncate_all(&maker) && swap_all(&maker) && resize_all(&maker);
    }
    free(maker.good);
    return is_done ? 0 : 1;
}
