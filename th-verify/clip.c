#include "th-verify/clip.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/cut/chunk_range.h"
#include "common/name.h"
#include "th-verify/measure/source.h"

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

/* A name contains the box but not the picture size, which tube_check needs. */
static void set_picture_size(struct tube *tube)
{
    tube->width = tube->right;
    tube->height = tube->bottom;
}

static void read_box(struct clip *clip)
{
    const json_int_t max = INT_MAX;
    json_int_t x, y, w, h;

    clip->is_boxed =
        !json_unpack(clip->lineage, "{s:{s:I, s:I, s:I, s:I}}", "box", "x", &x, "y", &y, "w", &w, "h", &h) && x >= 0 &&
        y >= 0 && w >= 0 && h >= 0 && x <= max && y <= max && w <= max && h <= max;
    if (clip->is_boxed)
        clip->box = (struct box){(int)x, (int)y, (int)w, (int)h};
}

/* Sets the address of the chunk, when lineage has it. 0, or -1 and error. */
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

/* th-crop left out "trim" frames at each end of the tube. */
static void trim_tube(struct clip *clip)
{
    json_int_t trim = json_integer_value(json_object_get(clip->lineage, "trim"));

    if (trim > 0 && trim <= (tube_frames(&clip->tube) - 1) / 2) {
        clip->tube.start += (int32_t)trim;
        clip->tube.end -= (int32_t)trim;
    }
}

/* Makes a clip, if its tube is valid; lineage is stolen. 0, or -1 and error. */
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
    trim_tube(made);
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
        set_picture_size(&tube);
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
    set_picture_size(&tube);
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

/* Reads what th-crop did after the crop. */
static void read_changes(const json_t *record, struct clip_size *size)
{
    const json_t *scale = json_object_get(record, "scale");
    json_int_t width = json_integer_value(json_object_get(scale, "width"));
    json_int_t height = json_integer_value(json_object_get(scale, "height"));
    json_int_t frames = json_integer_value(json_object_get(record, "frames"));

    if (width > 0 && width <= INT_MAX && height > 0 && height <= INT_MAX) {
        size->origin = SIZE_FROM_SCALE;
        size->width = (int)width;
        size->height = (int)height;
    }
    size->has_sound = json_is_true(json_object_get(record, "sound"));
    if (json_object_get(record, "fps"))
        size->frames = frames > 0 ? frames : -1;
}

void clip_find_size(const struct clip *clip, struct clip_size *size)
{
    const struct tube *tube = &clip->tube;
    struct source_picture picture;
    struct error error;
    struct box box;

    *size = (struct clip_size){.origin = SIZE_FROM_RATIO,
                               .box = {tube->left, tube->top, tube->right - tube->left, tube->bottom - tube->top}};
    if (clip->is_boxed)
        *size = (struct clip_size){.origin = SIZE_FROM_BOX, .box = clip->box};
    else if (clip->source && json_object_get(clip->lineage, "tube") &&
             !source_read_picture(clip->source, &picture, &error) &&
             !tube_box(tube, picture.width, picture.height, picture.log2_chroma_w, picture.log2_chroma_h, &box, &error))
        *size = (struct clip_size){.origin = SIZE_FROM_SOURCE, .box = box};
    size->is_placed = size->origin != SIZE_FROM_RATIO;
    read_changes(clip->lineage, size);
}

/* The range of factors by which a listed length may have been scaled to `pixels`. Rounding of the edges changes it by
 * less than one pixel, the chroma grid shortens it by less than its step. */
static void scale_range(int32_t listed, int pixels, int log2_chroma, double *low, double *high)
{
    *low = (double)(pixels - 1) / listed;
    *high = (double)(pixels + (1 << log2_chroma)) / listed;
}

bool clip_ratio_fits(const struct tube *tube, int width, int height, int log2_chroma_w, int log2_chroma_h)
{
    const double shapes_differ = 1.01; /* the tolerance of tube_box */
    double low_x, high_x, low_y, high_y;

    if (width <= 0 || height <= 0)
        return false;
    scale_range(tube->right - tube->left, width, log2_chroma_w, &low_x, &high_x);
    scale_range(tube->bottom - tube->top, height, log2_chroma_h, &low_y, &high_y);
    return low_x < high_y * shapes_differ && low_y < high_x * shapes_differ;
}
