#include "common/output/output_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output/output_place.h"
#include "common/output/write_all.h"

struct output_folder {
    struct output_place place;
    int fd;
    int64_t bytes;
};

static void close_folder(struct output_folder **folder)
{
    if ((*folder)->fd >= 0)
        close((*folder)->fd);
    output_place_close(&(*folder)->place);
    free(*folder);
    *folder = NULL;
}

/* Removes the files in the folder behind fd. */
static void clear_files(int fd)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;

    if (!dir) {
        if (copy >= 0)
            close(copy);
        return;
    }
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(fd, entry->d_name, 0);
    closedir(dir);
}

void output_folder_remove(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return;
    if (!flock(fd, LOCK_EX | LOCK_NB)) {
        clear_files(fd);
        unlinkat(dir_fd, name, AT_REMOVEDIR);
    }
    close(fd);
}

/* Makes, opens and locks the temporary folder. Another process may clear it away in between: then once more. */
static int open_locked(struct output_folder *folder, struct error *error)
{
    const struct output_place *place = &folder->place;
    struct stat facts;

    for (;;) {
        if (mkdirat(place->dir_fd, place->temporary_name, 0777) && errno != EEXIST)
            return error_set_errno(error, errno, "cannot make %s", place->path);
        folder->fd = openat(place->dir_fd, place->temporary_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (folder->fd < 0 && errno == ENOENT)
            continue;
        if (folder->fd < 0)
            return error_set_errno(error, errno, "cannot make %s", place->path);
        if (output_place_lock(place, folder->fd, error))
            return -1;
        if (!fstat(folder->fd, &facts) && facts.st_nlink > 0)
            break;
        close(folder->fd);
    }
    clear_files(folder->fd);
    return 0;
}

int output_folder_open(struct output_folder **folder, const char *final_path, struct error *error)
{
    *folder = calloc(1, sizeof **folder);
    if (!*folder)
        return error_set(error, ERROR_IO, "out of memory");
    (*folder)->fd = -1;
    if (output_place_open(&(*folder)->place, final_path, error) || open_locked(*folder, error)) {
        close_folder(folder);
        return -1;
    }
    return 0;
}

int output_folder_add(struct output_folder *folder, const char *name, const void *data, size_t size,
                      struct error *error)
{
    int fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int number = fd < 0 || write_all(fd, data, size) || fsync(fd) ? errno : 0;

    if (fd >= 0 && close(fd) && !number)
        number = errno;
    folder->bytes += (int64_t)size;
    return number ? error_set_errno(error, number, "cannot write %s in %s", name, folder->place.path) : 0;
}

/* Gives the name. A folder that bears it already changes places with the new one, and is then removed. */
static int rename_folder(const struct output_folder *folder)
{
    const char *from = folder->place.temporary_name, *to = folder->place.name;
    int at = folder->place.dir_fd;

    if (!renameat(at, from, at, to))
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return -1;
    if (!renameat2(at, from, at, to, RENAME_EXCHANGE)) {
        output_folder_remove(at, from);
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    output_folder_remove(at, to); /* a file system that cannot exchange */
    return renameat(at, from, at, to);
}

int output_folder_commit(struct output_folder **folder, int64_t *bytes, struct error *error)
{
    struct output_folder *f = *folder;

    if (fsync(f->fd) && errno != EINVAL) { /* EINVAL: a file system that cannot sync folders */
        error_set_errno(error, errno, "cannot write %s to the disk", f->place.path);
        goto fail;
    }
    if (rename_folder(f)) {
        error_set_errno(error, errno, "cannot give %s its name", f->place.path);
        goto fail;
    }
    if (output_place_sync(&f->place, error)) {
        close_folder(folder);
        return -1;
    }
    *bytes = f->bytes;
    close_folder(folder);
    return 0;
fail:
    output_folder_abort(folder);
    return -1;
}

void output_folder_abort(struct output_folder **folder)
{
    if (!*folder)
        return;
    clear_files((*folder)->fd);
    unlinkat((*folder)->place.dir_fd, (*folder)->place.temporary_name, AT_REMOVEDIR);
    close_folder(folder);
}
