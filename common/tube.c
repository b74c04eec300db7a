#include "common/tube.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/number.h"

enum { FIELD_COUNT = 1 + TUBE_NUMBERS, FIELD_MAX = 512, QUOTED_MAX = 60 };

static const struct {
    const char *name;
    size_t offset;
} numbers[TUBE_NUMBERS] = {{"H", offsetof(struct tube, height)}, {"W", offsetof(struct tube, width)},
                           {"S", offsetof(struct tube, start)},  {"E", offsetof(struct tube, end)},
                           {"L", offsetof(struct tube, left)},   {"T", offsetof(struct tube, top)},
                           {"R", offsetof(struct tube, right)},  {"B", offsetof(struct tube, bottom)}};

int32_t *tube_number(struct tube *tube, int index)
{
    return (int32_t *)((char *)tube + numbers[index].offset);
}

const char *tube_number_name(int index)
{
    return numbers[index].name;
}

/* Copies the first field of *row, without the white space around it, to out (FIELD_MAX bytes, longer ones are cut) and
 * moves *row behind its comma, or to NULL after the last field. */
static void take_field(const char **row, char *out)
{
    const char *begin = *row, *end = begin + strcspn(begin, ",");
    size_t length;

    *row = *end ? end + 1 : NULL;
    while (begin < end && isspace((unsigned char)*begin))
        begin++;
    while (end > begin && isspace((unsigned char)end[-1]))
        end--;
    length = (size_t)(end - begin);
    if (length >= FIELD_MAX)
        length = FIELD_MAX - 1;
    memcpy(out, begin, length);
    out[length] = '\0';
}

static size_t count_fields(const char *row)
{
    size_t count = 1;

    for (; *row; row++)
        count += *row == ',';
    return count;
}

int tube_parse(const char *row, char *name_out, struct tube *tube, struct error *error)
{
    char field[FIELD_MAX];
    size_t count = count_fields(row);
    int64_t value;

    if (count != FIELD_COUNT)
        return error_set(error, ERROR_BAD_TUBE,
                         "the row \"%.*s\" has %zu fields, not %d (name, H, W, S, E, L, T, R, B)", QUOTED_MAX, row,
                         count, FIELD_COUNT);
    take_field(&row, field);
    if (name_check(field, error))
        return -1;
    if (!name_chunk_id(field, NULL) || strlen(field) > NAME_CHUNK_MAX)
        return error_set(error, ERROR_BAD_ID, "the chunk name \"%.*s\" is not of the form ID_NNNN", QUOTED_MAX, field);
    memcpy(name_out, field, strlen(field) + 1);
    for (int i = 0; i < TUBE_NUMBERS; i++) {
        take_field(&row, field);
        if (!number_int(field, 0, INT32_MAX, &value))
            return error_set(error, ERROR_BAD_TUBE, "%s is \"%.*s\", not a whole number from 0 to %" PRId32,
                             numbers[i].name, QUOTED_MAX, field, INT32_MAX);
        *tube_number(tube, i) = (int32_t)value;
    }
    return 0;
}

int tube_check(const struct tube *tube, struct error *error)
{
    if (tube->height <= 0 || tube->width <= 0)
        return error_set(error, ERROR_BAD_TUBE, "the listed picture is %" PRId32 "x%" PRId32, tube->width,
                         tube->height);
    if (tube->start > tube->end)
        return error_set(error, ERROR_BAD_TUBE, "the first frame S=%" PRId32 " is after the last one E=%" PRId32,
                         tube->start, tube->end);
    if (tube->left >= tube->right || tube->top >= tube->bottom)
        return error_set(error, ERROR_EMPTY_BOX,
                         "the box L=%" PRId32 " T=%" PRId32 " R=%" PRId32 " B=%" PRId32 " is empty", tube->left,
                         tube->top, tube->right, tube->bottom);
    if (tube->right > tube->width || tube->bottom > tube->height)
        return error_set(error, ERROR_OUTSIDE_PICTURE,
                         "the box L=%" PRId32 " T=%" PRId32 " R=%" PRId32 " B=%" PRId32
                         " is not inside the listed picture of %" PRId32 "x%" PRId32,
                         tube->left, tube->top, tube->right, tube->bottom, tube->width, tube->height);
    return 0;
}

int64_t tube_frames(const struct tube *tube)
{
    return (int64_t)tube->end - tube->start + 1;
}

void tube_clip_name(const char *chunk, const struct tube *tube, char *out)
{
    snprintf(out, NAME_CLIP_MAX + 1, "%s_S%" PRId32 "_E%" PRId32 "_L%" PRId32 "_T%" PRId32 "_R%" PRId32 "_B%" PRId32,
             chunk, tube->start, tube->end, tube->left, tube->top, tube->right, tube->bottom);
}

int tube_from_clip_name(const char *clip, char *chunk_out, struct tube *tube, struct error *error)
{
    static const char letters[] = "BRTLES"; /* from the end, for the chunk's name may hold any of these */
    char rest[NAME_CLIP_MAX + 1], again[NAME_CLIP_MAX + 1];
    int64_t value;

    if (name_check(clip, error))
        return -1;
    memcpy(rest, clip, strlen(clip) + 1);
    *tube = (struct tube){0};
    for (int i = 0; i < (int)sizeof letters - 1; i++) {
        char *mark = strrchr(rest, '_');

        if (!mark || mark[1] != letters[i] || !number_int(mark + 2, 0, INT32_MAX, &value))
            goto fail;
        *tube_number(tube, TUBE_NUMBERS - 1 - i) = (int32_t)value;
        *mark = '\0';
    }
    if (!name_chunk_id(rest, NULL) || strlen(rest) > NAME_CHUNK_MAX)
        goto fail;
    tube_clip_name(rest, tube, again);
    if (strcmp(again, clip)) /* leading zeros, for instance */
        goto fail;
    memcpy(chunk_out, rest, strlen(rest) + 1);
    return 0;
fail:
    return error_set(error, ERROR_BAD_ID, "the clip name \"%.*s\" is not of the form CHUNK_S.._E.._L.._T.._R.._B..",
                     QUOTED_MAX, clip);
}

/* floor(listed * real / whole): a listed coordinate in the decoded picture. */
static int scale_coordinate(int32_t listed, int real, int32_t whole)
{
    return (int)((int64_t)listed * real / whole);
}

/* True when width:height and W:H differ by more than 1%, compared as width * H and height * W. */
static int shapes_differ(const struct tube *tube, int width, int height)
{
    int64_t a = (int64_t)width * tube->height, b = (int64_t)height * tube->width;
    int64_t difference = a > b ? a - b : b - a, larger = a > b ? a : b;

    return difference > larger / 100;
}

int tube_box(const struct tube *tube, int width, int height, int log2_chroma_w, int log2_chroma_h, struct box *box,
             struct error *error)
{
    int left, top, right, bottom;

    if (tube_check(tube, error))
        return -1;
    if (shapes_differ(tube, width, height))
        return error_set(error, ERROR_ASPECT_MISMATCH,
                         "the picture is %dx%d, the listed one %" PRId32 "x%" PRId32 ": another shape", width, height,
                         tube->width, tube->height);
    left = scale_coordinate(tube->left, width, tube->width);
    top = scale_coordinate(tube->top, height, tube->height);
    right = scale_coordinate(tube->right, width, tube->width);
    bottom = scale_coordinate(tube->bottom, height, tube->height);
    box->w = (right - left) & ~((1 << log2_chroma_w) - 1);
    box->h = (bottom - top) & ~((1 << log2_chroma_h) - 1);
    box->x = left & ~((1 << log2_chroma_w) - 1);
    box->y = top & ~((1 << log2_chroma_h) - 1);
    if (box->w <= 0 || box->h <= 0)
        return error_set(error, ERROR_EMPTY_BOX,
                         "nothing is left of the box L=%" PRId32 " T=%" PRId32 " R=%" PRId32 " B=%" PRId32
                         " in a picture of %dx%d",
                         tube->left, tube->top, tube->right, tube->bottom, width, height);
    return 0;
}
