#include "common/tube_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "common/line.h"
#include "common/text.h"

/* Handles one line of length bytes, newline included. 0, or -1 and error: bad_tube or bad_id for the row, io when out
 * of memory.
 */
static int read_row(const struct tube_list_rows *rows, char *text, size_t length, long line, struct error *error)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* UTF-8's byte order mark */
    char chunk[NAME_CHUNK_MAX + 1];
    struct tube tube;

    if (strlen(text) != length)
        return error_set(error, ERROR_BAD_TUBE, "the row holds a NUL byte");
    text[strcspn(text, "\r\n")] = '\0';
    if (line == 1 && !strncmp(text, mark, sizeof mark - 1))
        text += sizeof mark - 1;
    if (text[0] == '#' || !text[strspn(text, " \t")])
        return 0;
    if (line >= INT32_MAX)
        return error_set(error, ERROR_BAD_TUBE, "the list has too many lines");
    if (tube_parse(text, chunk, &tube, error))
        return -1;
    if (rows->take(rows->self, chunk, &tube, line))
        return error_set(error, ERROR_IO, "out of memory");
    return 0;
}

int tube_list_read_rows(FILE *stream, const char *file, const struct tube_list_rows *rows, struct error *error)
{
    struct line line = {0};
    struct error fault;
    enum line_result got;
    bool is_first = true; /* only blank lines so far */
    int status = 0;

    while (!status && (got = line_read(&line, stream, &fault)) != LINE_END) {
        if (got == LINE_FAILED) {
            status = error_set(error, fault.word, "the tube list %s: %s", file, fault.message);
            break;
        }
        if (is_first && text_is_web_page(line.text)) {
            status = error_set(error, ERROR_IO, "the tube list %s is a web page; download the list again", file);
            break;
        }
        is_first = is_first && !line.text[strspn(line.text, " \t\r\n")];
        if (got == LINE_READ && !read_row(rows, line.text, line.length, line.number, &fault))
            continue;
        if (got == LINE_READ && fault.word == ERROR_IO)
            status = error_set(error, ERROR_IO, "%s:%ld: %s", file, line.number, fault.message);
        else
            rows->bad(rows->self, file, line.number, &fault);
    }
    free(line.text);
    return status;
}

/* A chunk's name while loading. Consecutive rows with one name share an entry; a later row may repeat it. */
struct name_entry {
    size_t name;      /* offset in names */
    size_t id_length; /* bytes of the video id that the name begins with */
    long number;
};

/* State while loading. */
struct loader {
    tube_list_bad_row *on_bad_row;
    void *context;
    struct tube_list *list;
    struct name_entry *entries;
    size_t entry_count, entry_room;
    size_t row_room;
    size_t name_size, name_room;
};

static int add_entry(struct loader *loader, const char *name)
{
    struct tube_list *list = loader->list;
    size_t size = strlen(name) + 1;
    struct name_entry *entry, *entries;

    while (loader->name_size + size > loader->name_room) {
        char *names = array_make_room(list->names, loader->name_room, &loader->name_room, 1);

        if (!names)
            return -1;
        list->names = names;
    }
    entries = array_make_room(loader->entries, loader->entry_count, &loader->entry_room, sizeof *entries);
    if (!entries)
        return -1;
    loader->entries = entries;
    entry = &loader->entries[loader->entry_count++];
    entry->name = loader->name_size;
    entry->id_length = name_chunk_id(name, &entry->number);
    memcpy(list->names + loader->name_size, name, size);
    loader->name_size += size;
    return 0;
}

static int add_row(void *self, const char *name, const struct tube *tube, long line)
{
    struct loader *loader = self;
    struct tube_list *list = loader->list;
    struct tube_row *rows = array_make_room(list->rows, list->row_count, &loader->row_room, sizeof *rows);

    if (!rows)
        return -1;
    list->rows = rows;
    if (!loader->entry_count || strcmp(list->names + loader->entries[loader->entry_count - 1].name, name))
        if (add_entry(loader, name))
            return -1;
    list->rows[list->row_count++] =
        (struct tube_row){.tube = *tube, .line = (int32_t)line, .chunk = (uint32_t)(loader->entry_count - 1)};
    return 0;
}

/* Orders by video id (bytewise, a prefix first), then number, then the whole name. */
static int compare_names(const char *a, size_t a_id, long a_number, const char *b, size_t b_id, long b_number)
{
    int order = memcmp(a, b, a_id < b_id ? a_id : b_id);

    if (order)
        return order;
    if (a_id != b_id)
        return a_id < b_id ? -1 : 1;
    if (a_number != b_number)
        return a_number < b_number ? -1 : 1;
    return strcmp(a, b);
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct tube_row *x = a, *y = b;
    const struct loader *loader = context;
    const struct name_entry *p = &loader->entries[x->chunk], *q = &loader->entries[y->chunk];
    const char *names = loader->list->names;
    int order = 0;

    if (p != q)
        order = compare_names(names + p->name, p->id_length, p->number, names + q->name, q->id_length, q->number);
    return order ? order : x->line - y->line;
}

/* Sorts the rows and groups those of one name into a chunk. */
static int build_chunks(struct loader *loader)
{
    struct tube_list *list = loader->list;
    struct tube_chunk *chunk = NULL;
    size_t room = 0;

    if (list->row_count)
        qsort_r(list->rows, list->row_count, sizeof *list->rows, compare_rows, loader);
    for (size_t i = 0; i < list->row_count; i++) {
        const char *name = list->names + loader->entries[list->rows[i].chunk].name;

        if (!chunk || strcmp(chunk->name, name)) {
            struct tube_chunk *chunks = array_make_room(list->chunks, list->chunk_count, &room, sizeof *chunks);

            if (!chunks)
                return -1;
            list->chunks = chunks;
            chunk = &list->chunks[list->chunk_count++];
            *chunk = (struct tube_chunk){.name = name, .first = i};
        }
        chunk->count++;
        list->rows[i].chunk = (uint32_t)(chunk - list->chunks);
    }
    return 0;
}

static void count_bad_row(void *self, const char *file, long line, const struct error *error)
{
    struct loader *loader = self;

    loader->list->bad_rows++;
    loader->on_bad_row(loader->context, file, line, error);
}

int tube_list_load(struct tube_list **list, const char *file, tube_list_bad_row *on_bad_row, void *context,
                   struct error *error)
{
    bool is_stdin = !strcmp(file, "-");
    FILE *stream = is_stdin ? stdin : fopen(file, "re");
    struct loader loader = {.on_bad_row = on_bad_row, .context = context};
    const struct tube_list_rows rows = {.self = &loader, .take = add_row, .bad = count_bad_row};
    int status = -1;

    *list = NULL;
    if (!stream)
        return error_set_errno(error, errno, "cannot open the tube list %s", file);
    loader.list = calloc(1, sizeof *loader.list);
    if (!loader.list) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (tube_list_read_rows(stream, is_stdin ? "stdin" : file, &rows, error))
        goto end;
    if (build_chunks(&loader)) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    *list = loader.list;
    loader.list = NULL;
    status = 0;
end:
    free(loader.entries);
    tube_list_free(&loader.list);
    if (!is_stdin)
        fclose(stream);
    return status;
}

void tube_list_free(struct tube_list **list)
{
    if (!*list)
        return;
    free((*list)->rows);
    free((*list)->chunks);
    free((*list)->names);
    free(*list);
    *list = NULL;
}

/* Index of the first chunk not less than (id, number, name). name NULL and number -1: the video's first chunk. */
static size_t lower_bound(const struct tube_list *list, const char *id, size_t id_length, long number, const char *name)
{
    size_t low = 0, high = list->chunk_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *candidate = list->chunks[middle].name;
        long candidate_number = 0;
        size_t candidate_id = name_chunk_id(candidate, &candidate_number);
        int order = compare_names(candidate, candidate_id, candidate_number, name ? name : id, id_length, number);

        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct tube_chunk *tube_list_chunk(const struct tube_list *list, const char *name)
{
    long number;
    size_t id_length = name_chunk_id(name, &number), index;

    if (!id_length)
        return NULL;
    index = lower_bound(list, name, id_length, number, name);
    if (index == list->chunk_count || strcmp(list->chunks[index].name, name))
        return NULL;
    return &list->chunks[index];
}

size_t tube_list_video(const struct tube_list *list, const char *id, size_t *first)
{
    size_t length = strlen(id), end;

    *first = lower_bound(list, id, length, -1, NULL);
    end = *first;
    while (end < list->chunk_count && name_chunk_id(list->chunks[end].name, NULL) == length &&
           !memcmp(list->chunks[end].name, id, length))
        end++;
    return end - *first;
}
