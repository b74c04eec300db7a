/* Opens and closes parts, and removes what other runs have left of them. */
#include "th-fetch/transfer/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/name.h"
#include "common/output/output_file.h"
#include "th-fetch/transfer/part_internal.h"

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
        if (part_empty(part, error) < 0)
            goto end;
    }
    *out = part;
    part = NULL;
    result = 0;
end:
    part_close(&part);
    return result;
}

char *part_folder(const struct part_name *name)
{
    char suffix[32];

    snprintf(suffix, sizeof suffix, "%s.part.d", name->suffix);
    return name_path(name->dir, name->id, suffix);
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
