#include "th-fetch/transfer/partial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "th-fetch/transfer/part_internal.h"

enum {
    FIRST_BYTES = 256 * 1024,
    GAP_BYTES = 256 * 1024 /* two ranges that are no farther apart are one request: the round trip costs more */
};

static void swap(char **a, char **b)
{
    char *other = *a;

    *a = *b;
    *b = other;
}

/* Notes the part's bytes as a range, and gives its file the name of `empty`. The note comes first: while that file is
 * empty it says nothing. */
static int move_to(struct part *part, const struct part *empty, struct error *error)
{
    if (byte_ranges_add(&part->note.ranges, 0, part->offset))
        return error_set(error, ERROR_IO, "out of memory");
    if (fdatasync(part->fd) < 0)
        return error_set_errno(error, errno, "cannot sync '%.200s'", part->path);
    if (part_note_write(&part->note, empty->note_path, error) < 0)
        return -1;
    return rename(part->path, empty->path) < 0 ? error_set_errno(error, errno, "cannot rename '%.200s'", part->path)
                                               : 0;
}

/* Makes the part a partial, in the place of `empty`, which is closed then. 0, or -1 and error. */
static int become_partial(struct part *part, struct part *empty, struct error *error)
{
    part->note.is_partial = true;
    if (move_to(part, empty, error) < 0) {
        part->note.is_partial = false;
        return -1;
    }
    unlink(part->note_path);
    swap(&part->path, &empty->path);
    swap(&part->note_path, &empty->note_path);
    empty->owned = false;
    part->offset = 0;
    return ftruncate(part->fd, part_total(part)) < 0
               ? error_set_errno(error, errno, "cannot make '%.200s' longer", part->path)
               : 0;
}

/* Takes up what an interrupted download of the whole file has left. 0, also when that is nothing, or -1 and error. */
static int take_beginning(struct part **partial, const struct part_name *name, const char *source, const char *format,
                          struct error *error)
{
    struct part *part = NULL;
    int result = 0;

    if (!part_exists(name))
        return 0;
    if (part_open_kind(&part, name, false, source, format, error) < 0)
        return -1;
    if (part_size(part) > 0 && part_total(part) > 0)
        result = become_partial(part, *partial, error);
    if (part_is_partial(part)) {
        struct part *empty = *partial;

        *partial = part;
        part = empty;
    }
    part_close(&part);
    return result;
}

int partial_open(struct part **part, const struct part_name *name, const char *source, const char *format,
                 struct error *error)
{
    if (part_open_kind(part, name, true, source, format, error) < 0)
        return -1;
    if (part_size(*part) > 0 || take_beginning(part, name, source, format, error) == 0)
        return 0;
    part_close(part);
    return -1;
}

const struct byte_ranges *partial_ranges(const struct part *part)
{
    return &part->note.ranges;
}

int64_t partial_requests(const struct part *part)
{
    return part->note.requests;
}

/* Removes what is at `end` and behind it. */
static void cut_off(struct byte_ranges *ranges, int64_t end)
{
    while (ranges->count && ranges->list[ranges->count - 1].from >= end)
        ranges->count--;
    if (ranges->count && ranges->list[ranges->count - 1].to > end)
        ranges->list[ranges->count - 1].to = end;
}

int partial_want(const struct part *part, const struct byte_ranges *wanted, struct byte_ranges *missing)
{
    int64_t total = part_total(part) < 0 ? INT64_MAX : part_total(part);
    bool is_new = part->note.ranges.count == 0;
    struct byte_range all = {0, is_new ? FIRST_BYTES : total};
    const struct byte_ranges otherwise = {.list = &all, .count = 1};

    if (byte_ranges_subtract(missing, is_new || !wanted ? &otherwise : wanted, &part->note.ranges))
        return -1;
    cut_off(missing, total);
    byte_ranges_join(missing, GAP_BYTES);
    return 0;
}

bool partial_lacks(const struct part *part, const struct byte_ranges *wanted)
{
    struct byte_ranges missing = {0};
    bool is_missing = partial_want(part, wanted, &missing) < 0 || missing.count > 0;

    byte_ranges_clear(&missing);
    return is_missing;
}

void partial_begin_request(struct part *part, int64_t from)
{
    part->note.requests++;
    part->offset = from;
}

/* Adds the synced bytes to the note's ranges. */
static int add_fresh(struct part *part)
{
    for (size_t i = 0; i < part->fresh.count; i++)
        if (byte_ranges_add(&part->note.ranges, part->fresh.list[i].from, part->fresh.list[i].to))
            return -1;
    byte_ranges_clear(&part->fresh);
    return 0;
}

int partial_settle(struct part *part, struct error *error)
{
    if (part_write_block(part, error) < 0)
        return -1;
    if (!part->fresh.count)
        return 0;
    if (fdatasync(part->fd) < 0) {
        int number = errno;

        byte_ranges_clear(&part->fresh); /* the kernel may have dropped them; the next sync would not say so */
        return error_set_errno(error, number, "cannot sync '%.200s'", part->path);
    }
    if (add_fresh(part))
        return error_set(error, ERROR_IO, "out of memory");
    return part_note_write(&part->note, part->note_path, error);
}

/* Gives it the name of an ordinary part. What has that name goes first, so that the note, which is written before the
 * file is renamed, never describes another file. */
static int become_ordinary(struct part *part, struct error *error)
{
    char *path = NULL, *note_path = NULL;
    int result = -1;

    if (asprintf(&path, "%s.part", part->final_path) < 0 ||
        asprintf(&note_path, "%s.part.json", part->final_path) < 0) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    unlink(path);
    unlink(note_path);
    part->note.is_partial = false;
    if (part->note.validator && part_note_write(&part->note, note_path, error) < 0)
        goto end;
    if (rename(part->path, path) < 0) {
        error_set_errno(error, errno, "cannot rename '%.200s'", part->path);
        goto end;
    }
    unlink(part->note_path);
    free(part->path);
    free(part->note_path);
    part->path = path;
    part->note_path = note_path;
    byte_ranges_clear(&part->note.ranges);
    path = note_path = NULL;
    result = 0;
end:
    part->note.is_partial = result < 0;
    free(path);
    free(note_path);
    return result;
}

int partial_complete(struct part *part, struct error *error)
{
    int64_t total = part_total(part);

    if (partial_settle(part, error) < 0)
        return -1;
    if (total < 0 || !byte_ranges_hold(&part->note.ranges, 0, total))
        return 1;
    if (become_ordinary(part, error) < 0)
        return -1;
    part->offset = total;
    return 0;
}

int partial_make_whole(struct part *part, struct error *error)
{
    return part_restart(part, NULL, -1, error) < 0 ? -1 : become_ordinary(part, error);
}
