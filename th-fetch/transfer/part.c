#include "th-fetch/transfer/part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/name.h"
#include "common/output/output_file.h"
#include "th-fetch/transfer/part_note.h"

enum { BLOCK_BYTES = 128 * 1024 /* of one write; a killed process loses at most as much */ };

struct part {
    int fd;
    bool owned; /* locked, and the file still has the name of a part */
    char *dir, *final_path, *path, *note_path;
    struct part_note note;
    int64_t size;
    char *block; /* buffer of the newest bytes; NULL until there are some */
    size_t held; /* bytes in block; size counts them */
};

static int open_part_file(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
}

/* Opens and locks. A lock of fcntl belongs to the process, so children that inherit the descriptor do not keep it. The
 * name is checked after the lock is held, because another process may just have renamed or removed the file. */
static int open_locked(struct part *part, struct error *error)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat by_fd, by_name;

    part->fd = open_part_file(part->path);
    if (part->fd < 0 && errno == ELOOP && unlink(part->path) == 0) /* a link, which no run has made */
        part->fd = open_part_file(part->path);
    if (part->fd < 0)
        return error_set_errno(error, errno, "cannot open '%.200s'", part->path);
    if (fcntl(part->fd, F_SETLK, &lock) < 0 && errno != ENOLCK && errno != ENOSYS) {
        if (errno == EAGAIN || errno == EACCES)
            return error_set(error, ERROR_IO, "another process is writing '%.200s'", part->path);
        return error_set_errno(error, errno, "cannot lock '%.200s'", part->path);
    }
    if (fstat(part->fd, &by_fd) < 0)
        return error_set_errno(error, errno, "cannot look at '%.200s'", part->path);
    if (lstat(part->path, &by_name) < 0 || by_name.st_ino != by_fd.st_ino || by_name.st_dev != by_fd.st_dev)
        return error_set(error, ERROR_IO, "another process has just moved '%.200s'", part->path);
    if (!S_ISREG(by_fd.st_mode))
        return error_set(error, ERROR_IO, "'%.200s' is not a regular file", part->path);
    part->owned = true;
    part->size = by_fd.st_size;
    return 0;
}

static int truncate_part(struct part *part, struct error *error)
{
    if (ftruncate(part->fd, 0) < 0)
        return error_set_errno(error, errno, "cannot empty '%.200s'", part->path);
    part->size = 0;
    part->held = 0;
    return 0;
}

int part_open(struct part **out, const struct part_name *name, const char *source, const char *format,
              struct error *error)
{
    int result = -1;
    char path_suffix[32], note_suffix[32];
    struct part *part = calloc(1, sizeof *part);

    *out = NULL;
    if (!part)
        return error_set(error, ERROR_IO, "out of memory");
    part->fd = -1;
    part->note.total = -1;
    snprintf(path_suffix, sizeof path_suffix, "%s.part", name->suffix);
    snprintf(note_suffix, sizeof note_suffix, "%s.part.json", name->suffix);
    part->dir = strdup(name->dir);
    part->final_path = name_path(name->dir, name->id, name->suffix);
    part->path = name_path(name->dir, name->id, path_suffix);
    part->note_path = name_path(name->dir, name->id, note_suffix);
    part->note.source = strdup(source);
    part->note.format = format ? strdup(format) : NULL;
    if (!part->dir || !part->final_path || !part->path || !part->note_path || !part->note.source ||
        (format && !part->note.format)) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (open_locked(part, error) < 0)
        goto end;
    if (part->size > 0)
        part_note_read(&part->note, part->note_path);
    if (part->size > 0 && (!part->note.validator || (part->note.total >= 0 && part->size > part->note.total))) {
        part_note_forget(&part->note);
        if (truncate_part(part, error) < 0)
            goto end;
    }
    *out = part;
    part = NULL;
    result = 0;
end:
    part_close(&part);
    return result;
}

int64_t part_size(const struct part *part)
{
    return part->size;
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
    bool had_bytes = part->size > 0;
    part_note_forget(&part->note);
    if (truncate_part(part, error) < 0)
        return -1;
    /* The old bytes must be off the disk before the new note is on it. */
    if (had_bytes && fsync(part->fd) < 0)
        return error_set_errno(error, errno, "cannot sync '%.200s'", part->path);
    part->note.total = total;
    if (!validator) {
        unlink(part->note_path);
        return 0;
    }
    part->note.validator = strdup(validator);
    if (!part->note.validator)
        return error_set(error, ERROR_IO, "out of memory");
    return part_note_write(&part->note, part->note_path, error);
}

int part_flush(struct part *part, struct error *error)
{
    const char *at = part->block;
    int64_t to = part->size - (int64_t)part->held;

    while (part->held > 0) {
        ssize_t written = pwrite(part->fd, at, part->held, to);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            part->held = 0; /* they will be downloaded again */
            part->size = to;
            return error_set_errno(error, errno, "cannot write '%.200s'", part->path);
        }
        at += written;
        to += written;
        part->held -= (size_t)written;
    }
    return 0;
}

int part_append(struct part *part, const void *data, size_t size, struct error *error)
{
    const char *at = data;

    if (!part->block && !(part->block = malloc(BLOCK_BYTES)))
        return error_set(error, ERROR_IO, "out of memory");
    while (size > 0) {
        /* Writes end at multiples of the block size, for whole pages. */
        size_t room = BLOCK_BYTES - (size_t)(part->size % BLOCK_BYTES);
        size_t taken = size < room ? size : room;

        memcpy(part->block + part->held, at, taken);
        part->held += taken;
        part->size += (int64_t)taken;
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
        part->size = facts.st_size;
        return 0;
    }
    error_set_errno(error, errno, "cannot move the resolver's file '%.200s'", from);
failed:
    if (fd >= 0)
        close(fd);
    return -1;
}

static int sync_folder(const char *dir, struct error *error)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL)) { /* EINVAL: a file system that cannot sync folders */
        int number = errno;
        if (fd >= 0)
            close(fd);
        return error_set_errno(error, number, "cannot sync the folder '%.200s'", dir);
    }
    close(fd);
    return 0;
}

int part_finish(struct part *part, struct error *error)
{
    /* The note is removed first: part_open empties a part without a note. */
    unlink(part->note_path);
    if (rename(part->path, part->final_path) < 0)
        return error_set_errno(error, errno, "cannot rename '%.200s'", part->path);
    part->owned = false;
    return sync_folder(part->dir, error);
}

int part_move(const char *from, const char *dir, const char *path, struct error *error)
{
    if (rename(from, path) == 0)
        return sync_folder(dir, error);
    return errno == EXDEV ? 1 : error_set_errno(error, errno, "cannot move the resolver's file '%.200s'", from);
}

void part_discard(struct part *part)
{
    part_note_forget(&part->note);
    unlink(part->note_path);
    unlink(part->path);
    part->owned = false;
}

char *part_folder(const struct part_name *name)
{
    char suffix[32];

    snprintf(suffix, sizeof suffix, "%s.part.d", name->suffix);
    return name_path(name->dir, name->id, suffix);
}

int64_t part_folder_bytes(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    struct stat facts;
    int64_t bytes = 0;

    while (dir && (entry = readdir(dir)))
        if (fstatat(dirfd(dir), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode))
            bytes += facts.st_size;
    if (dir)
        closedir(dir);
    return bytes;
}

void part_folder_remove(const struct part_name *name)
{
    char *path = part_folder(name);
    int dir = path ? open(name->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (dir >= 0) {
        output_file_remove_folder(dir, strrchr(path, '/') + 1);
        close(dir);
    }
    free(path);
}

void part_clear(const struct part_name *name)
{
    static const char *const endings[] = {".part", ".part.json", ".part.d"};
    bool is_there = false;
    struct part *part = NULL;
    struct error ignored;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char suffix[32];
        char *path;

        snprintf(suffix, sizeof suffix, "%s%s", name->suffix, endings[i]);
        path = name_path(name->dir, name->id, suffix);
        is_there |= path && access(path, F_OK) == 0;
        free(path);
    }
    if (is_there)
        (void)part_open(&part, name, "", NULL, &ignored);
    if (part) {
        part_folder_remove(name);
        part_discard(part);
    }
    part_close(&part);
}

void part_close(struct part **part)
{
    if (!*part)
        return;
    if ((*part)->fd >= 0) {
        struct error error;

        if ((*part)->owned)
            (void)part_flush(*part, &error); /* what could not be written is downloaded again */
        if ((*part)->owned && ((*part)->size == 0 || !(*part)->note.validator))
            part_discard(*part);
        close((*part)->fd);
    }
    free((*part)->dir);
    free((*part)->final_path);
    free((*part)->path);
    free((*part)->note_path);
    part_note_clear(&(*part)->note);
    free((*part)->block);
    free(*part);
    *part = NULL;
}
