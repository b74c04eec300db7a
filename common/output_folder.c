#include "common/output_folder.h"

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

#include "common/write_all.h"

struct output_folder {
    int parent_fd; /* where it lies: names below are within it */
    int fd;
    char *final_path; /* for messages */
    char *final_name, *temporary_name;
    int64_t bytes;
};

static void release(struct output_folder **folder)
{
    if ((*folder)->fd >= 0)
        close((*folder)->fd);
    if ((*folder)->parent_fd >= 0)
        close((*folder)->parent_fd);
    free((*folder)->final_path);
    free((*folder)->final_name);
    free((*folder)->temporary_name);
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

static int set_up(struct output_folder *folder, const char *final_path, struct error *error)
{
    const char *slash = strrchr(final_path, '/');
    char *dir = slash ? strndup(final_path, slash == final_path ? 1 : (size_t)(slash - final_path)) : strdup(".");
    int status = -1;

    folder->fd = folder->parent_fd = -1;
    folder->final_path = strdup(final_path);
    folder->final_name = strdup(slash ? slash + 1 : final_path);
    if (!dir || !folder->final_path || !folder->final_name ||
        asprintf(&folder->temporary_name, ".%s.th.part", folder->final_name) < 0) {
        folder->temporary_name = NULL; /* asprintf leaves it undefined */
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    folder->parent_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    status = folder->parent_fd < 0 ? error_set_errno(error, errno, "cannot open the folder %s", dir) : 0;
end:
    free(dir);
    return status;
}

/* Makes, opens and locks the temporary folder. Another process may clear it away in between: then once more. */
static int open_locked(struct output_folder *folder, struct error *error)
{
    struct stat facts;

    for (;;) {
        if (mkdirat(folder->parent_fd, folder->temporary_name, 0777) && errno != EEXIST)
            return error_set_errno(error, errno, "cannot make %s", folder->final_path);
        folder->fd = openat(folder->parent_fd, folder->temporary_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (folder->fd < 0 && errno == ENOENT)
            continue;
        if (folder->fd < 0)
            return error_set_errno(error, errno, "cannot make %s", folder->final_path);
        if (flock(folder->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
            return error_set(error, ERROR_IO, "%s is being written by another process", folder->final_path);
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
    if (set_up(*folder, final_path, error) || open_locked(*folder, error)) {
        release(folder);
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
    return number ? error_set_errno(error, number, "cannot write %s in %s", name, folder->final_path) : 0;
}

/* Gives the name. A folder that bears it already changes places with the new one, and is then removed. */
static int rename_folder(const struct output_folder *folder)
{
    const char *from = folder->temporary_name, *to = folder->final_name;
    int at = folder->parent_fd;

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
        error_set_errno(error, errno, "cannot write %s to the disk", f->final_path);
        goto fail;
    }
    if (rename_folder(f)) {
        error_set_errno(error, errno, "cannot give %s its name", f->final_path);
        goto fail;
    }
    if (fsync(f->parent_fd) && errno != EINVAL) {
        error_set_errno(error, errno, "cannot write the folder of %s to the disk", f->final_path);
        release(folder);
        return -1;
    }
    *bytes = f->bytes;
    release(folder);
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
    unlinkat((*folder)->parent_fd, (*folder)->temporary_name, AT_REMOVEDIR);
    release(folder);
}
