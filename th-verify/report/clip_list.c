#include "th-verify/report/clip_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/output/output_file.h"
#include "common/stage/manifest.h"
#include "common/stage/record_path.h"

struct clip_list {
    const char *path;
    char *folder; /* of the file, absolute: files below it are named from there */
    struct output_file *file;
    json_t *chunks; /* of each: start and step (seconds a frame) in its video, and fps */
};

struct clip_list *clip_list_alloc(const char *path)
{
    struct clip_list *list = calloc(1, sizeof *list);

    if (!list)
        return NULL;
    list->path = path;
    list->folder = record_path_absolute(path);
    list->chunks = json_object();
    if (!list->folder || !list->chunks)
        clip_list_free(&list);
    else
        *strrchr(list->folder, '/') = '\0';
    return list;
}

void clip_list_free(struct clip_list **list)
{
    if (!*list)
        return;
    output_file_abort(&(*list)->file);
    free((*list)->folder);
    json_decref((*list)->chunks);
    free(*list);
    *list = NULL;
}

/* The number of a member, NAN when it has none. */
static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A number with six digits behind the point; null when it is not known. */
static json_t *real(double value)
{
    return isfinite(value) ? json_real(round(value * 1e6) / 1e6) : json_null();
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

int clip_list_note(struct clip_list *list, const json_t *record, const struct record_head *head)
{
    double frames = number(record, "frames");

    if (head->status != STATUS_OK || head->stage != STAGE_SPLIT || head->kind != KIND_CHUNK)
        return 0;
    return json_object_set_new(list->chunks, head->key,
                               json_pack("{s:o, s:o, s:o}", "start", real(number(record, "start")), "step",
                                         real(frames > 0 ? number(record, "duration") / frames : NAN), "fps",
                                         real(number(record, "fps"))));
}

int clip_list_open(struct clip_list *list, struct error *error)
{
    return output_file_open(&list->file, list->path, error);
}

/* The line of a clip, new (json_decref); NULL when out of memory. */
static json_t *make_line(const struct clip_list *list, const struct item_table *table, const json_t *record)
{
    static const struct video unknown;
    const json_t *chunk = json_object_get(list->chunks, or_empty(record_text(record, "chunk")));
    const struct video *known = item_table_video(table, record_text(record, "video"));
    const struct video *video = known ? known : &unknown;
    json_t *tube = json_object_get(record, "tube");
    double fps = item_table_rate(record, json_number_value(json_object_get(chunk, "fps")));
    double start = number(chunk, "start"), step = number(chunk, "step");
    double trim = json_object_get(record, "trim") ? number(record, "trim") : 0;

    return json_pack("{s:s, s:O?, s:O?, s:O?, s:o, s:o, s:s, s:o, s:o, s:O?, s:s, s:s, s:s, s:s}", "file",
                     record_text(record, "path"), "width", json_object_get(record, "width"), "height",
                     json_object_get(record, "height"), "frames", json_object_get(record, "frames"), "fps",
                     real(fps > 0 ? fps : NAN), "duration", real(number(record, "frames") / fps), "video",
                     or_empty(record_text(record, "video")), "start", real(start + (number(tube, "S") + trim) * step),
                     "end", real(start + (number(tube, "E") + 1 - trim) * step), "tube", tube, "title",
                     or_empty(video->title), "author", or_empty(video->uploader), "licence", or_empty(video->license),
                     "url", or_empty(video->url));
}

int clip_list_write(struct clip_list *list, const struct item_table *table, json_t *record,
                    const struct record_head *head, struct error *error)
{
    json_t *line;
    int status;

    if (head->stage != STAGE_VERIFY || head->kind != KIND_CLIP || head->status != STATUS_OK || !head->path)
        return 0;
    line = record_path_relate(record, list->folder) ? NULL : make_line(list, table, record);
    if (!line)
        return error_set(error, ERROR_IO, "out of memory");
    status = manifest_write(output_file_fd(list->file), -1, line, error) == WRITE_DONE ? 0 : -1;
    json_decref(line);
    return status;
}

int clip_list_commit(struct clip_list *list, struct error *error)
{
    return output_file_commit(&list->file, NULL, error);
}
