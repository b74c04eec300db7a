#include "common/output/output_file.h"

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

#include "common/output/output_folder.h"
#include "common/output/output_place.h"

struct output_file {
    struct output_place place;
    int fd;
};

/* Closes and frees without touching the temporary file. */
static void close_file(struct output_file **file)
{
    if ((*file)->fd >= 0)
        close((*file)->fd);
    output_place_close(&(*file)->place);
    free(*file);
    *file = NULL;
}

/* Opens and locks the temporary file. Another process may clear it away between the two steps: then once more. */
static int open_locked(struct output_file *file, struct error *error)
{
    const struct output_place *place = &file->place;
    struct stat facts;

    for (;;) {
        file->fd = openat(place->dir_fd, place->temporary_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (file->fd < 0)
            return error_set_errno(error, errno, "cannot make %s", place->path);
        if (output_place_lock(place, file->fd, error))
            return -1;
        if (fstat(file->fd, &facts))
            return error_set_errno(error, errno, "cannot look at the temporary file of %s", place->path);
        if (facts.st_nlink > 0)
            break;
        close(file->fd);
    }
    if (ftruncate(file->fd, 0))
        return error_set_errno(error, errno, "cannot empty the temporary file of %s", place->path);
    return 0;
}

int output_file_open(struct output_file **file, const char *final_path, struct error *error)
{
    *file = calloc(1, sizeof **file);
    if (!*file)
        return error_set(error, ERROR_IO, "out of memory");
    (*file)->fd = -1;
    if (output_place_open(&(*file)->place, final_path, error) || open_locked(*file, error)) {
        close_file(file);
        return -1;
    }
    return 0;
}

int output_file_fd(const struct output_file *file)
{
    return file->fd;
}

const char *output_file_temporary(const struct output_file *file)
{
    return file->place.temporary_path;
}

int output_file_commit(struct output_file **file, int64_t *bytes, struct error *error)
{
    struct output_file *f = *file;
    const struct output_place *place = &f->place;
    struct stat facts;
    int fd;

    if (fstat(f->fd, &facts) || fsync(f->fd)) {
        error_set_errno(error, errno, "cannot write %s to the disk", place->path);
        goto fail;
    }
    if (renameat(place->dir_fd, place->temporary_name, place->dir_fd, place->name)) {
        error_set_errno(error, errno, "cannot give %s its name", place->path);
        goto fail;
    }
    if (output_place_sync(place, error)) {
        close_file(file);
        return -1;
    }
    fd = f->fd;
    f->fd = -1;
    if (close(fd)) {
        error_set_errno(error, errno, "cannot close %s", place->path);
        close_file(file);
        return -1;
    }
    if (bytes)
        *bytes = facts.st_size;
    close_file(file);
    return 0;
fail:
    output_file_abort(file);
    return -1;
}

void output_file_abort(struct output_file **file)
{
    if (!*file)
        return;
    unlinkat((*file)->place.dir_fd, (*file)->place.temporary_name, 0);
    close_file(file);
}

/* Makes dir and its missing parents. */
static int make_folders(const char *dir, struct error *error)
{
    char *path = strdup(dir);
    int status = 0;

    if (!path)
        return error_set(error, ERROR_IO, "out of memory");
    for (char *end = path; !status && *end;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char kept = *end;

        *end = '\0';
        if (mkdir(path, 0777) && errno != EEXIST)
            status = error_set_errno(error, errno, "cannot make the folder %s", path);
        *end = kept;
    }
    free(path);
    return status;
}

/* Removes the temporary file when no process holds its lock. */
static void remove_if_left(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        if (errno == EISDIR)
            output_folder_remove(dir_fd, name);
        return;
    }
    if (!flock(fd, LOCK_EX | LOCK_NB))
        unlinkat(dir_fd, name, 0);
    close(fd);
}

/* Tries that a file can be made in the folder. */
static int try_to_write(const char *dir, struct error *error)
{
    struct output_file *file;
    char *path;
    int status;

    if (asprintf(&path, "%s/th-probe-%ld", dir, (long)getpid()) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    status = output_file_open(&file, path, error);
    if (!status)
        output_file_abort(&file);
    free(path);
    return status;
}

int output_file_sweep(const char *dir, struct error *error)
{
    struct dirent *entry;
    DIR *folder;

    if (make_folders(dir, error))
        return -1;
    folder = opendir(dir);
    if (!folder)
        return error_set_errno(error, errno, "cannot read the folder %s", dir);
    while ((entry = readdir(folder)))
        if (output_place_is_temporary(entry->d_name))
            remove_if_left(dirfd(folder), entry->d_name);
    closedir(folder);
    return try_to_write(dir, error);
}
