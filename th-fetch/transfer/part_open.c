/* Opens and closes parts, and removes what other runs have left of them. */
#include "th-fetch/transfer/part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cut/partial_file.h"
#include "common/name.h"
#include "common/output/work_folder.h"
#include "th-fetch/transfer/part_internal.h"
#include "th-fetch/transfer/partial.h"

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
    part->offset = by_fd.st_size;
    return 0;
}

/* Whether what is in the file can be continued. */
static bool is_usable(const struct part *part, int64_t size)
{
    const struct part_note *note = &part->note;
    const struct byte_ranges *ranges = &note->ranges;

    if (!note->validator || (note->total >= 0 && size > note->total))
        return false;
    return !note->is_partial || (note->total >= 0 && ranges->count > 0 && ranges->list[ranges->count - 1].to <= size);
}

/* Reads the note of what is in the file, or empties it. */
static int take_up(struct part *part, struct error *error)
{
    int64_t size = part->offset;

    if (size > 0)
        part_note_read(&part->note, part->note_path);
    if (part->note.is_partial)
        part->offset = 0;
    if (size == 0 || is_usable(part, size))
        return 0;
    part_note_forget(&part->note);
    return part_empty(part, error);
}

static const char *ending_of(bool is_partial)
{
    return is_partial ? PARTIAL_FILE_END : ".part";
}

/* DIR/ID SUFFIX ENDING MORE in new memory. NULL when out of memory. */
static char *path_of(const struct part_name *name, const char *ending, const char *more)
{
    char suffix[48];

    snprintf(suffix, sizeof suffix, "%s%s%s", name->suffix, ending, more);
    return name_path(name->dir, name->id, suffix);
}

int part_open_kind(struct part **out, const struct part_name *name, bool is_partial, const char *source,
                   const char *format, struct error *error)
{
    int result = -1;
    struct part *part = calloc(1, sizeof *part);

    *out = NULL;
    if (!part)
        return error_set(error, ERROR_IO, "out of memory");
    part->fd = -1;
    part->note.total = -1;
    part->note.is_partial = is_partial;
    part->dir = strdup(name->dir);
    part->final_path = path_of(name, "", "");
    part->path = path_of(name, ending_of(is_partial), "");
    part->note_path = path_of(name, ending_of(is_partial), ".json");
    part->note.source = strdup(source);
    part->note.format = format ? strdup(format) : NULL;
    if (!part->dir || !part->final_path || !part->path || !part->note_path || !part->note.source ||
        (format && !part->note.format)) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    if (open_locked(part, error) < 0 || take_up(part, error) < 0)
        goto end;
    *out = part;
    part = NULL;
    result = 0;
end:
    part_close(&part);
    return result;
}

int part_open(struct part **part, const struct part_name *name, const char *source, const char *format,
              struct error *error)
{
    return part_open_kind(part, name, false, source, format, error);
}

static bool is_there(const struct part_name *name, const char *ending, const char *more)
{
    char *path = path_of(name, ending, more);
    bool found = path && access(path, F_OK) == 0;

    free(path);
    return found;
}

bool part_exists(const struct part_name *name)
{
    return is_there(name, ending_of(false), "");
}

bool partial_exists(const struct part_name *name)
{
    return is_there(name, ending_of(true), "");
}

char *part_folder(const struct part_name *name)
{
    return path_of(name, ending_of(false), ".d");
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

    if (path)
        work_folder_remove(AT_FDCWD, path);
    free(path);
}

static void clear(const struct part_name *name, bool is_partial)
{
    const char *ending = ending_of(is_partial);
    struct part *part = NULL;
    struct error ignored;

    if (is_there(name, ending, "") || is_there(name, ending, ".json") || is_there(name, ending, ".d"))
        (void)part_open_kind(&part, name, is_partial, "", NULL, &ignored);
    if (part && !is_partial)
        part_folder_remove(name);
    if (part)
        part_discard(part);
    part_close(&part);
}

void part_clear(const struct part_name *name)
{
    clear(name, false);
    clear(name, true);
}

static void close_file(struct part *part)
{
    struct error error; /* what could not be written is downloaded again */

    if (part->owned)
        (void)(part_is_partial(part) ? partial_settle(part, &error) : part_flush(part, &error));
    if (part->owned && (part_size(part) == 0 || !part->note.validator))
        part_discard(part);
    close(part->fd);
}

void part_close(struct part **part)
{
    if (!*part)
        return;
    if ((*part)->fd >= 0)
        close_file(*part);
    free((*part)->dir);
    free((*part)->final_path);
    free((*part)->path);
    free((*part)->note_path);
    part_note_clear(&(*part)->note);
    byte_ranges_clear(&(*part)->fresh);
    free((*part)->block);
    free(*part);
    *part = NULL;
}
