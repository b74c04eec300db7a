#include "th-fetch/selection.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/number.h"
#include "common/tube_list.h"

enum { SHARDS_MAX = 1000000 };

struct selection {
    const struct fetch_settings *settings;
    selection_bad_row *on_bad_row;
    void *context;
    struct shard shard;
    struct tube_list *list; /* with --needed; otherwise NULL */
    json_t *ids;            /* of the tube list: true when one of the video's tubes passes, otherwise false */
    json_t *heights;        /* of the ids: the largest height of a row, in pixels */
};

/* A number from the environment. False when it is missing or not a number. */
static bool read_variable(const char *name, int64_t min, int64_t *value)
{
    const char *text = getenv(name);

    return text && number_int(text, min, INT32_MAX, value);
}

static int read_slurm(struct shard *shard, struct error *error)
{
    int64_t task, first, last, step = 1;

    if (!read_variable("SLURM_ARRAY_TASK_ID", 0, &task) || !read_variable("SLURM_ARRAY_TASK_COUNT", 1, &shard->count))
        return error_set(error, ERROR_IO,
                         "SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT do not both hold a number; this is not a task "
                         "of an array");
    read_variable("SLURM_ARRAY_TASK_STEP", 1, &step);
    if (!read_variable("SLURM_ARRAY_TASK_MIN", 0, &first) || !read_variable("SLURM_ARRAY_TASK_MAX", 0, &last)) {
        /* With consecutive numbers, the remainder is different for each task. */
        shard->index = task / step % shard->count;
        return 0;
    }
    if (task < first || task > last || (task - first) % step || (last - first) / step + 1 != shard->count)
        return error_set(
            error, ERROR_IO,
            "the array's %lld tasks are not numbered from %lld to %lld in steps of %lld, so none knows its "
            "share; name it as I/N",
            (long long)shard->count, (long long)first, (long long)last, (long long)step);
    shard->index = (task - first) / step;
    return 0;
}

int selection_read_shard(const char *text, struct shard *shard, struct error *error)
{
    const char *slash = strchr(text, '/');
    char index[16];

    *shard = (struct shard){0, 1};
    if (strcmp(text, "slurm") == 0)
        return read_slurm(shard, error);
    if (slash && (size_t)(slash - text) < sizeof index) {
        snprintf(index, sizeof index, "%.*s", (int)(slash - text), text);
        if (number_int(slash + 1, 1, SHARDS_MAX, &shard->count) && number_int(index, 1, shard->count, &shard->index)) {
            shard->index--;
            return 0;
        }
    }
    return error_set(error, ERROR_IO, "\"%.60s\" is not a shard; expected I/N with 1 <= I <= N <= %d, or slurm", text,
                     SHARDS_MAX);
}

bool selection_shard_holds(const struct shard *shard, const char *id)
{
    uint64_t hash = hash_add(HASH_EMPTY, id, strlen(id));

    return hash % (uint64_t)shard->count == (uint64_t)shard->index;
}

bool selection_passes(const struct tube *tube, const struct fetch_settings *settings)
{
    int64_t width = tube->right - tube->left, height = tube->bottom - tube->top;
    struct error error;

    return tube_check(tube, &error) == 0 && (width < height ? width : height) >= settings->min_size &&
           tube_frames(tube) >= settings->min_frames;
}

static void id_of(const char *chunk, char id[NAME_CHUNK_MAX + 1])
{
    snprintf(id, NAME_CHUNK_MAX + 1, "%.*s", (int)name_chunk_id(chunk, NULL), chunk);
}

static int note_height(void *self, const char *chunk, const struct tube *tube, long line)
{
    const struct selection *selection = self;
    char id[NAME_CHUNK_MAX + 1];

    (void)line;
    id_of(chunk, id);
    if (tube->height <= selection_height(selection, id))
        return 0;
    return json_object_set_new(selection->heights, id, json_integer(tube->height));
}

static int note_row(void *self, const char *chunk, const struct tube *tube, long line)
{
    const struct selection *selection = self;
    char id[NAME_CHUNK_MAX + 1];

    if (!selection->settings->heights && note_height(self, chunk, tube, line) < 0)
        return -1;
    id_of(chunk, id);
    bool has_passed = json_is_true(json_object_get(selection->ids, id));
    return json_object_set_new(selection->ids, id,
                               json_boolean(has_passed || selection_passes(tube, selection->settings)));
}

static void pass_on_bad_row(void *self, const char *file, long line, const struct error *error)
{
    const struct selection *selection = self;

    selection->on_bad_row(selection->context, file, line, error);
}

/* The stages that cut by the list tell of such rows. */
static void ignore_bad_row(void *self, const char *file, long line, const struct error *error)
{
    (void)self;
    (void)file;
    (void)line;
    (void)error;
}

static int read_rows(const char *path, const struct tube_list_rows *rows, struct error *error)
{
    FILE *stream = fopen(path, "re");
    int status;

    if (!stream)
        return error_set_errno(error, errno, "cannot open the tube list %s", path);
    status = tube_list_read_rows(stream, path, rows, error);
    fclose(stream);
    return status;
}

/* Notes the rows of the list, which is kept in memory. 0, or -1 and error. */
static int keep_list(struct selection *selection, struct error *error)
{
    struct tube_list **list = &selection->list;

    if (tube_list_load(list, selection->settings->tubes, pass_on_bad_row, selection, error) < 0)
        return -1;
    for (size_t i = 0; i < (*list)->row_count; i++) {
        const struct tube_row *row = &(*list)->rows[i];

        if (note_row(selection, (*list)->chunks[row->chunk].name, &row->tube, row->line) < 0)
            return error_set(error, ERROR_IO, "out of memory");
    }
    return 0;
}

static int read_lists(struct selection *selection, struct error *error)
{
    const struct tube_list_rows tubes = {.self = selection, .take = note_row, .bad = pass_on_bad_row};
    const struct tube_list_rows heights = {.self = selection, .take = note_height, .bad = ignore_bad_row};
    const struct fetch_settings *settings = selection->settings;

    if (settings->needed ? keep_list(selection, error) < 0
                         : settings->tubes && read_rows(settings->tubes, &tubes, error) < 0)
        return -1;
    return settings->heights ? read_rows(settings->heights, &heights, error) : 0;
}

int selection_alloc(struct selection **out, const struct fetch_settings *settings, selection_bad_row *on_bad_row,
                    void *context, struct error *error)
{
    struct selection *selection = calloc(1, sizeof *selection);

    *out = selection;
    if (!selection)
        return error_set(error, ERROR_IO, "out of memory");
    selection->settings = settings;
    selection->on_bad_row = on_bad_row;
    selection->context = context;
    selection->ids = json_object();
    selection->heights = json_object();
    if (!selection->ids || !selection->heights)
        error_set(error, ERROR_IO, "out of memory");
    else if ((!settings->shard || selection_read_shard(settings->shard, &selection->shard, error) == 0) &&
             read_lists(selection, error) == 0)
        return 0;
    selection_free(out);
    return -1;
}

void selection_free(struct selection **selection)
{
    if (!*selection)
        return;
    tube_list_free(&(*selection)->list);
    json_decref((*selection)->ids);
    json_decref((*selection)->heights);
    free(*selection);
    *selection = NULL;
}

const struct tube_list *selection_tubes(const struct selection *selection)
{
    return selection->list;
}

bool selection_is_ours(const struct selection *selection, const char *id)
{
    return !selection->settings->shard || selection_shard_holds(&selection->shard, id);
}

int selection_check(const struct selection *selection, const char *id, struct error *error)
{
    const json_t *found = json_object_get(selection->ids, id);

    if (!selection->settings->tubes || json_is_true(found))
        return 0;
    if (found && (selection->settings->min_size > 0 || selection->settings->min_frames > 0))
        return error_set(error, ERROR_NOT_SELECTED, "no tube of the video is large and long enough");
    return error_set(error, ERROR_NOT_SELECTED, found ? "no tube of the video is valid" : "the video has no tube");
}

int64_t selection_height(const struct selection *selection, const char *id)
{
    return json_integer_value(json_object_get(selection->heights, id));
}
