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
    json_t *videos; /* of each: title, author, licence, url */
    json_t *chunks; /* of each: start and step (seconds a frame) in its video, and fps */
};

struct clip_list *clip_list_alloc(const char *path)
{
    struct clip_list *list = calloc(1, sizeof *list);

    if (!list)
        return NULL;
    list->path = path;
    list->folder = record_path_absolute(path);
    list->videos = json_object();
    list->chunks = json_object();
    if (!list->folder || !list->videos || !list->chunks)
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
    json_decref((*list)->videos);
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

static const char *text_or_empty(const json_t *record, const char *name)
{
    const char *text = record_text(record, name);

    return text ? text : "";
}

int clip_list_note(struct clip_list *list, const json_t *record, const struct record_head *head)
{
    const char *video = head->kind == KIND_VIDEO ? head->key : record_text(record, "video");
    double frames = number(record, "frames");

    if (head->status != STATUS_OK || !video)
        return 0;
    if (head->stage == STAGE_SPLIT && head->kind == KIND_CHUNK &&
        json_object_set_new(list->chunks, head->key,
                            json_pack("{s:o, s:o, s:o}", "start", real(number(record, "start")), "step",
                                      real(frames > 0 ? number(record, "duration") / frames : NAN), "fps",
                                      real(number(record, "fps")))))
        return -1;
    /* The record of a clip repeats what is known of its video. */
    if (head->stage == STAGE_VERIFY || !record_text(record, "url") ||
        (head->kind == KIND_CLIP && json_object_get(list->videos, video)))
        return 0;
    return json_object_set_new(list->videos, video,
                               json_pack("{s:s, s:s, s:s, s:s}", "title", text_or_empty(record, "title"), "author",
                                         text_or_empty(record, "uploader"), "licence", text_or_empty(record, "license"),
                                         "url", record_text(record, "url")));
}

int clip_list_open(struct clip_list *list, struct error *error)
{
    return output_file_open(&list->file, list->path, error);
}

/* The clip's frames a second: its own where th-crop changed them, its chunk's, or those that its times show. */
static double rate_of(const json_t *record, const json_t *chunk)
{
    const json_t *decode = json_object_get(json_object_get(record, "checks"), "decode");
    double own = number(record, "fps"), listed = number(chunk, "fps");

    if (isfinite(own))
        return own;
    return isfinite(listed) ? listed : 1 / number(json_object_get(decode, "times"), "step");
}

/* The line of a clip, new (json_decref); NULL when out of memory. */
static json_t *make_line(const struct clip_list *list, const json_t *record)
{
    const json_t *chunk = json_object_get(list->chunks, text_or_empty(record, "chunk"));
    const json_t *video = json_object_get(list->videos, text_or_empty(record, "video"));
    json_t *tube = json_object_get(record, "tube");
    double fps = rate_of(record, chunk), start = number(chunk, "start"), step = number(chunk, "step");
    double trim = json_object_get(record, "trim") ? number(record, "trim") : 0;

    return json_pack("{s:s, s:O?, s:O?, s:O?, s:o, s:o, s:s, s:o, s:o, s:O?, s:s, s:s, s:s, s:s}", "file",
                     record_text(record, "path"), "width", json_object_get(record, "width"), "height",
                     json_object_get(record, "height"), "frames", json_object_get(record, "frames"), "fps", real(fps),
                     "duration", real(number(record, "frames") / fps), "video", text_or_empty(record, "video"), "start",
                     real(start + (number(tube, "S") + trim) * step), "end",
                     real(start + (number(tube, "E") + 1 - trim) * step), "tube", tube, "title",
                     text_or_empty(video, "title"), "author", text_or_empty(video, "author"), "licence",
                     text_or_empty(video, "licence"), "url", text_or_empty(video, "url"));
}

int clip_list_write(struct clip_list *list, json_t *record, const struct record_head *head, struct error *error)
{
    json_t *line;
    int status;

    if (head->stage != STAGE_VERIFY || head->kind != KIND_CLIP || head->status != STATUS_OK || !head->path)
        return 0;
    line = record_path_relate(record, list->folder) ? NULL : make_line(list, record);
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
