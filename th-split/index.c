#include "th-split/index.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/name.h"
#include "common/output/json_file.h"
#include "common/output/output_file.h"
#include "common/stage/record.h"

enum {
    VERSION = 1,         /* of the file format */
    CHUNKS_MAX = 1000000 /* limit for a damaged or foreign file; ten hours of one-frame chunks */
};

void split_index_chunk_name(char *name, const char *id, size_t number)
{
    snprintf(name, NAME_CHUNK_MAX + 1, "%.*s_%04u", NAME_ID_MAX, id, (unsigned)number);
}

char *split_index_chunk_path(const char *dir, const char *id, size_t number)
{
    char name[NAME_CHUNK_MAX + 1];

    split_index_chunk_name(name, id, number);
    return name_path(dir, name, ".mp4");
}

void split_index_free(struct split_index **index)
{
    if (!*index)
        return;
    free((*index)->chunks);
    free(*index);
    *index = NULL;
}

/* The next line of the file as a new object; NULL at the end and for a line that is not an object. */
static json_t *read_line(FILE *file, char **line, size_t *size)
{
    ssize_t length = getline(line, size, file);
    json_t *object;

    if (length <= 0 || (*line)[length - 1] != '\n')
        return NULL;
    object = json_loadb(*line, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static bool read_head(struct split_index *index, const char *id, json_t *line)
{
    const char *key;
    const char *dropped;
    json_int_t chunks, size, mtime, ends = 0;
    int version;

    if (json_unpack(line, "{s:i, s:s, s:F, s:I, s:I, s?I, s:I, s:i, s:i, s:F, s:s}", "index", &version, "key", &key,
                    "seconds", &index->seconds, "size", &size, "mtime", &mtime, "ends", &ends, "chunks", &chunks,
                    "width", &index->width, "height", &index->height, "fps", &index->fps, "dropped", &dropped) ||
        version != VERSION || strcmp(key, id) || chunks < 1 || chunks > CHUNKS_MAX ||
        strlen(dropped) >= sizeof index->dropped)
        return false;
    memcpy(index->dropped, dropped, strlen(dropped) + 1);
    index->source = (struct file_stamp){.size = size, .mtime = mtime, .ends = ends};
    index->count = (size_t)chunks;
    index->chunks = calloc(index->count, sizeof *index->chunks);
    return index->chunks;
}

static bool read_range(const struct split_index *index, struct chunk_facts *chunk, size_t number, const json_t *json)
{
    struct error ignored;

    chunk->has_range = json;
    return !json || (!chunk_range_from_json(&chunk->range, json, &ignored) && chunk->range.number == number &&
                     chunk->range.seconds == index->seconds && chunk->range.frames == chunk->frames &&
                     file_stamp_equal(&chunk->range.source, &index->source));
}

static bool read_chunk(const struct split_index *index, struct chunk_facts *chunk, size_t number, json_t *line)
{
    json_int_t stated, frames, size = -1, mtime = 0, ends = 0;
    json_t *range = NULL;

    if (json_unpack(line, "{s:I, s:I, s:F, s:F, s?I, s?I, s?I, s?o}", "chunk", &stated, "frames", &frames, "start",
                    &chunk->start, "duration", &chunk->duration, "size", &size, "mtime", &mtime, "ends", &ends, "range",
                    &range) ||
        stated != (json_int_t)number || frames < 0)
        return false;
    chunk->frames = frames;
    chunk->is_written = size >= 0;
    chunk->file = (struct file_stamp){.size = size, .mtime = mtime, .ends = ends};
    return read_range(index, chunk, number, range);
}

int split_index_load(struct split_index **index, const char *path, const char *id, struct error *error)
{
    FILE *file = output_file_read_notes(path);
    char *text = NULL;
    json_t *line = NULL;
    size_t size = 0;
    bool is_good;

    *index = NULL;
    if (!file)
        return error_set_errno(error, errno, "cannot open %s", path);
    *index = calloc(1, sizeof **index);
    line = read_line(file, &text, &size);
    is_good = *index && line && read_head(*index, id, line);
    for (size_t i = 0; is_good && i < (*index)->count; i++) {
        json_decref(line);
        line = read_line(file, &text, &size);
        is_good = line && read_chunk(*index, &(*index)->chunks[i], i, line);
    }
    is_good = is_good && fgetc(file) == EOF && !ferror(file);
    json_decref(line);
    free(text);
    fclose(file);
    if (is_good)
        return 0;
    split_index_free(index);
    return error_set(error, ERROR_UNREADABLE, "%s is not the index of %s, or it is damaged", path, id);
}

/* New, NULL when out of memory. */
static json_t *chunk_line(const struct chunk_facts *chunk, size_t number)
{
    json_t *line = json_pack("{s:I, s:I, s:f, s:f}", "chunk", (json_int_t)number, "frames", (json_int_t)chunk->frames,
                             "start", chunk->start, "duration", chunk->duration);

    if (chunk->is_written)
        record_add(&line, json_pack("{s:I, s:I, s:I}", "size", (json_int_t)chunk->file.size, "mtime",
                                    (json_int_t)chunk->file.mtime, "ends", (json_int_t)chunk->file.ends));
    if (chunk->has_range)
        record_add(&line, json_pack("{s:o}", "range", chunk_range_to_json(&chunk->range)));
    return line;
}

/* New, NULL when out of memory. */
static json_t *head_line(const struct split_index *index, const char *id)
{
    return json_pack("{s:i, s:s, s:f, s:I, s:I, s:I, s:I, s:i, s:i, s:f, s:s}", "index", VERSION, "key", id, "seconds",
                     index->seconds, "size", (json_int_t)index->source.size, "mtime", (json_int_t)index->source.mtime,
                     "ends", (json_int_t)index->source.ends, "chunks", (json_int_t)index->count, "width", index->width,
                     "height", index->height, "fps", index->fps, "dropped", index->dropped);
}

int split_index_save(const struct split_index *index, const char *path, const char *id, struct error *error)
{
    size_t count = 1 + index->count;
    json_t **lines = calloc(count, sizeof(json_t *));
    int status;

    if (!lines)
        return error_set(error, ERROR_IO, "out of memory");
    lines[0] = head_line(index, id);
    for (size_t i = 0; i < index->count; i++)
        lines[1 + i] = chunk_line(&index->chunks[i], i);
    status = json_file_save(path, lines, count, JSON_REAL_PRECISION(17), error);
    for (size_t i = 0; i < count; i++)
        json_decref(lines[i]);
    free(lines);
    return status;
}

bool split_index_check_files(struct split_index *index, const char *dir, const char *id)
{
    bool is_renewed = false;

    for (size_t i = 0; i < index->count; i++) {
        struct chunk_facts *chunk = &index->chunks[i];
        int64_t time = chunk->file.mtime;
        char *path;

        if (!chunk->is_written)
            continue;
        path = split_index_chunk_path(dir, id, i);
        chunk->is_written = path && file_stamp_renew(&chunk->file, path) == 1;
        is_renewed |= chunk->is_written && chunk->file.mtime != time;
        free(path);
    }
    return is_renewed;
}
