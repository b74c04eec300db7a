#include "th-fetch/transfer/part.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output/output_place.h"
#include "th-fetch/transfer/part_internal.h"
#include "th-fetch/transfer/partial.h"

enum {
    BLOCK_BYTES = 128 * 1024, /* of one write; a killed process loses at most as much */
    SETTLE_BYTES = 10 << 20   /* of a partial: a killed process loses at most as much */
};

int part_empty(struct part *part, struct error *error)
{
    if (ftruncate(part->fd, 0) < 0)
        return error_set_errno(error, errno, "cannot empty '%.200s'", part->path);
    part->offset = 0;
    part->held = 0;
    byte_ranges_clear(&part->fresh);
    return 0;
}

bool part_is_partial(const struct part *part)
{
    return part->note.is_partial;
}

int64_t part_size(const struct part *part)
{
    return !part->note.is_partial
               ? part->offset
               : byte_ranges_bytes(&part->note.ranges) + byte_ranges_bytes(&part->fresh) + (int64_t)part->held;
}

int64_t part_offset(const struct part *part)
{
    return part->offset;
}

int64_t part_total(const struct part *part)
{
    return part->note.total;
}

const char *part_validator(const struct part *part)
{
    return part->note.validator;
}

const char *part_path(const struct part *part)
{
    return part->path;
}

int part_restart(struct part *part, const char *validator, int64_t total, struct error *error)
{
    bool had_bytes = part_size(part) > 0;

    part_note_forget(&part->note);
    if (part_empty(part, error) < 0)
        return -1;
    /* The old bytes must be off the disk before the new note is on it. */
    if (had_bytes && fsync(part->fd) < 0)
        return error_set_errno(error, errno, "cannot sync '%.200s'", part->path);
    part->note.total = total;
    if (part->note.is_partial && total > 0 && ftruncate(part->fd, total) < 0)
        return error_set_errno(error, errno, "cannot make '%.200s' %" PRId64 " bytes long", part->path, total);
    if (!validator) {
        unlink(part->note_path);
        return 0;
    }
    part->note.validator = strdup(validator);
    if (!part->note.validator)
        return error_set(error, ERROR_IO, "out of memory");
    return part_note_write(&part->note, part->note_path, error);
}

int part_write_block(struct part *part, struct error *error)
{
    const char *at = part->block;
    int64_t to = part->offset - (int64_t)part->held;

    while (part->held > 0) {
        ssize_t written = pwrite(part->fd, at, part->held, to);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            part->held = 0; /* they will be downloaded again */
            part->offset = to;
            return error_set_errno(error, errno, "cannot write '%.200s'", part->path);
        }
        if (part->note.is_partial && byte_ranges_add(&part->fresh, to, to + written))
            return error_set(error, ERROR_IO, "out of memory");
        at += written;
        to += written;
        part->held -= (size_t)written;
    }
    return 0;
}

int part_flush(struct part *part, struct error *error)
{
    if (part_write_block(part, error) < 0)
        return -1;
    return byte_ranges_bytes(&part->fresh) < SETTLE_BYTES ? 0 : partial_settle(part, error);
}

int part_append(struct part *part, const void *data, size_t size, struct error *error)
{
    const char *at = data;

    if (!part->block && !(part->block = malloc(BLOCK_BYTES)))
        return error_set(error, ERROR_IO, "out of memory");
    while (size > 0) {
        /* Writes end at multiples of the block size, for whole pages. */
        size_t room = BLOCK_BYTES - (size_t)(part->offset % BLOCK_BYTES);
        size_t taken = size < room ? size : room;

        memcpy(part->block + part->held, at, taken);
        part->held += taken;
        part->offset += (int64_t)taken;
        at += taken;
        size -= taken;
        if (taken == room && part_flush(part, error) < 0)
            return -1;
    }
    return 0;
}

int part_take(struct part *part, const char *from, struct error *error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat facts;
    int fd;

    if (part_restart(part, NULL, -1, error) < 0)
        return -1;
    fd = open(from, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) < 0) {
        error_set(error, ERROR_RESOLVER, "cannot open the resolver's file '%.200s': %s", from, strerror(errno));
        goto failed;
    }
    if (!S_ISREG(facts.st_mode)) {
        error_set(error, ERROR_RESOLVER, "the resolver's file '%.200s' is not a regular file", from);
        goto failed;
    }
    /* Locked before it is renamed, so that no other process opens it as an abandoned part. */
    if (fcntl(fd, F_SETLK, &lock) == 0 && rename(from, part->path) == 0) {
        close(part->fd);
        part->fd = fd;
        part->offset = facts.st_size;
        return 0;
    }
    error_set_errno(error, errno, "cannot move the resolver's file '%.200s'", from);
failed:
    if (fd >= 0)
        close(fd);
    return -1;
}

int part_finish(struct part *part, struct error *error)
{
    /* The note is removed first: part_open empties a part without a note. */
    unlink(part->note_path);
    if (rename(part->path, part->final_path) < 0)
        return error_set_errno(error, errno, "cannot rename '%.200s'", part->path);
    part->owned = false;
    return output_place_sync_dir(part->dir, error);
}

int part_move(const char *from, const char *dir, const char *path, struct error *error)
{
    if (rename(from, path) == 0)
        return output_place_sync_dir(dir, error);
    return errno == EXDEV ? 1 : error_set_errno(error, errno, "cannot move the resolver's file '%.200s'", from);
}

void part_discard(struct part *part)
{
    part_note_forget(&part->note);
    unlink(part->note_path);
    unlink(part->path);
    part->owned = false;
}
