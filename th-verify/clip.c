#include "th-verify/clip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/cut/chunk_range.h"
#include "common/name.h"

void clip_free(struct clip **clip)
{
    if (!*clip)
        return;
    json_decref((*clip)->lineage);
    free((*clip)->source);
    free((*clip)->path);
    free((*clip)->key);
    free(*clip);
    *clip = NULL;
}

/* A name tells the box, but not the picture that it is in; tube_check wants one. */
static void enclose_box(struct tube *tube)
{
    tube->width = tube->right;
    tube->height = tube->bottom;
}

static void read_box(struct clip *clip)
{
    const json_t *object = json_object_get(clip->lineage, "box");
    static const char *const names[] = {"x", "y", "w", "h"};
    int *const numbers[] = {&clip->box.x, &clip->box.y, &clip->box.w, &clip->box.h};

    clip->is_boxed = json_is_object(object);
    for (int i = 0; i < 4; i++) {
        const json_t *member = json_object_get(object, names[i]);
        json_int_t value = json_integer_value(member);

        clip->is_boxed = clip->is_boxed && json_is_integer(member) && value >= 0 && value <= INT_MAX;
        *numbers[i] = clip->is_boxed ? (int)value : 0;
    }
}

/* Where the chunk is, when lineage says so. 0, or -1 and error. */
static int read_source(struct clip *clip, struct error *error)
{
    const char *source = record_text(clip->lineage, "source");
    const json_t *json = json_object_get(clip->lineage, "range");
    struct chunk_range range;

    if (!source)
        return 0;
    if (json && chunk_range_from_json(&range, json, error))
        return -1;
    clip->source = chunk_range_address(source, json ? &range : NULL);
    return clip->source ? 0 : error_set(error, ERROR_IO, "out of memory");
}

/* "trim" frames at each end of the tube are not in the clip. */
static void take_off_edges(struct clip *clip)
{
    json_int_t trim = json_integer_value(json_object_get(clip->lineage, "trim"));

    if (trim > 0 && 2 * trim < tube_frames(&clip->tube)) {
        clip->tube.start += (int32_t)trim;
        clip->tube.end -= (int32_t)trim;
    }
}

/* A clip of those names, whose tube makes sense; lineage is stolen. */
static int clip_make(struct clip **clip, const char *key, const char *path, const struct tube *tube, json_t *lineage,
                     struct error *error)
{
    struct clip *made = NULL;

    *clip = NULL;
    if (tube_check(tube, error))
        goto fail;
    made = calloc(1, sizeof *made);
    if (made) {
        made->key = strdup(key);
        made->path = strdup(path);
        made->tube = *tube;
    }
    if (!made || !made->key || !made->path || !lineage) {
        error_set(error, ERROR_IO, "out of memory");
        goto fail;
    }
    made->lineage = lineage;
    lineage = NULL;
    if (read_source(made, error))
        goto fail;
    read_box(made);
    take_off_edges(made);
    *clip = made;
    return 0;
fail:
    json_decref(lineage);
    clip_free(&made);
    return -1;
}

json_t *clip_origin(const char *chunk, const struct tube *tube)
{
    json_t *lineage = json_pack("{s:s%, s:s}", "video", chunk, name_chunk_id(chunk, NULL), "chunk", chunk);

    if (tube)
        record_add(&lineage, json_pack("{s:o}", "tube", record_from_tube(tube)));
    return lineage;
}

int clip_from_record(struct clip **clip, json_t *record, const struct record_head *head, struct error *error)
{
    char chunk[NAME_CHUNK_MAX + 1];
    struct tube tube;

    *clip = NULL;
    if (json_object_get(record, "tube")) {
        if (record_get_tube(record, &tube, error))
            return -1;
    } else {
        if (tube_from_clip_name(head->key, chunk, &tube, error))
            return -1;
        enclose_box(&tube);
    }
    if (!head->path)
        return error_set(error, ERROR_MISSING, "the record of the clip names no file");
    return clip_make(clip, head->key, head->path, &tube, json_incref(record), error);
}

int clip_from_path(struct clip **clip, const char *path, struct error *error)
{
    char chunk[NAME_CHUNK_MAX + 1];
    char *key = name_from_path(path, ".mp4");
    json_t *text = json_string(path);
    struct tube tube;
    int status = -1;

    *clip = NULL;
    if (!key) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (!text) {
        error_set(error, ERROR_BAD_ID, "the path \"%.60s\" is not UTF-8", path);
        goto end;
    }
    if (tube_from_clip_name(key, chunk, &tube, error))
        goto end;
    enclose_box(&tube);
    status = clip_make(clip, key, path, &tube, clip_origin(chunk, NULL), error);
end:
    json_decref(text);
    free(key);
    return status;
}

int clip_from_row(struct clip **clip, const char *dir, const char *chunk, const struct tube *tube, struct error *error)
{
    char key[NAME_CLIP_MAX + 1];
    char *path;
    int status;

    *clip = NULL;
    tube_clip_name(chunk, tube, key);
    path = name_path(dir, key, ".mp4");
    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    status = clip_make(clip, key, path, tube, clip_origin(chunk, tube), error);
    free(path);
    return status;
}

int clip_find_source(struct clip *clip, const char *dir)
{
    char chunk[NAME_CHUNK_MAX + 1];
    struct tube named;
    struct error error;
    char *path;
    int status;

    if (tube_from_clip_name(clip->key, chunk, &named, &error))
        return 0;
    path = name_path(dir, chunk, ".mp4");
    if (!path)
        return -1;
    status = json_object_set_new(clip->lineage, "source", json_string(path));
    clip->source = path;
    return status;
}
