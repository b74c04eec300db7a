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
