/* Any bytes as a tube list: a tube that is understood must be found by its name, and be the same as a row. */
#include <inttypes.h>
#include <string.h>

#include "common/tube.h"
#include "common/tube_list.h"
#include "test/fuzz/fuzz.h"

static bool same_tube(const struct tube *a, const struct tube *b)
{
    return !memcmp(a, b, sizeof *a);
}

/* Writes the tube as a row and reads it back. */
static void try_row(const char *chunk, const struct tube *tube)
{
    char row[NAME_CHUNK_MAX + 200], name[NAME_CHUNK_MAX + 1];
    struct tube again;
    struct error error;

    snprintf(row, sizeof row,
             "%s, %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32 ", %" PRId32,
             chunk, tube->height, tube->width, tube->start, tube->end, tube->left, tube->top, tube->right,
             tube->bottom);
    MUST(!tube_parse(row, name, &again, &error));
    MUST(!strcmp(name, chunk) && same_tube(tube, &again));
}

/* Makes the clip's name and reads the tube from it. */
static void try_clip_name(const char *chunk, const struct tube *tube)
{
    char clip[NAME_CLIP_MAX + 1], name[NAME_CHUNK_MAX + 1];
    struct tube again, named = *tube;
    struct error error;

    tube_clip_name(chunk, tube, clip);
    MUST(!name_check(clip, &error));
    MUST(!tube_from_clip_name(clip, name, &again, &error));
    named.height = named.width = 0;
    MUST(!strcmp(name, chunk) && same_tube(&named, &again));
}

/* A box is never empty, and lies within the picture and on its chroma grid. */
static void try_boxes(const struct tube *tube)
{
    const int sizes[][2] = {{tube->width, tube->height}, {1280, 720}, {853, 480}, {2, 2}, {1, 1},
                            {INT32_MAX, INT32_MAX}};
    struct error error;
    struct box box;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int grid = 0; grid <= 2; grid++) {
            int w = sizes[i][0], h = sizes[i][1], mask = (1 << grid) - 1;

            error.word = ERROR_NONE;
            if (tube_box(tube, w, h, grid, grid, &box, &error)) {
                MUST(error.word != ERROR_NONE && *error.message);
                continue;
            }
            MUST(!tube_check(tube, &error));
            MUST(box.w > 0 && box.h > 0 && box.x >= 0 && box.y >= 0);
            MUST(box.x <= w - box.w && box.y <= h - box.h);
            MUST(!((box.x | box.y | box.w | box.h) & mask));
        }
}

static void try_tube(const char *chunk, const struct tube *tube)
{
    struct error error;

    if (!tube_check(tube, &error))
        MUST(tube_frames(tube) > 0 && tube->left < tube->right && tube->bottom <= tube->height);
    try_row(chunk, tube);
    try_clip_name(chunk, tube);
    try_boxes(tube);
}

static void try_chunk(const struct tube_list *list, size_t index)
{
    const struct tube_chunk *chunk = &list->chunks[index];
    char id[NAME_CHUNK_MAX + 1];
    size_t length = name_chunk_id(chunk->name, NULL), first, count;

    MUST(length > 0 && chunk->count > 0 && chunk->first + chunk->count <= list->row_count);
    MUST(tube_list_chunk(list, chunk->name) == chunk);
    memcpy(id, chunk->name, length);
    id[length] = '\0';
    count = tube_list_video(list, id, &first);
    MUST(first <= index && index < first + count && first + count <= list->chunk_count);
    for (size_t i = chunk->first; i < chunk->first + chunk->count; i++) {
        MUST(i == chunk->first || list->rows[i - 1].line < list->rows[i].line);
        try_tube(chunk->name, &list->rows[i].tube);
    }
}

static void count_bad_row(void *context, const char *file, long line, const struct error *error)
{
    (void)file;
    MUST(line > 0 && error->word != ERROR_NONE && *error->message);
    ++*(size_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32];
    int fd = fuzz_file(data, size, path);
    struct tube_list *list;
    struct error error;
    size_t bad = 0, rows = 0;

    if (tube_list_load(&list, path, count_bad_row, &bad, &error)) {
        MUST(strstr(error.message, "is a web page"));
        close(fd);
        return 0;
    }
    MUST(list->bad_rows == bad);
    for (size_t i = 0; i < list->chunk_count; i++) {
        try_chunk(list, i);
        rows += list->chunks[i].count;
    }
    MUST(rows == list->row_count);
    MUST(!tube_list_chunk(list, "") && !tube_list_chunk(list, "no such_0000x"));
    tube_list_free(&list);
    close(fd);
    return 0;
}
