#include "common/output/output_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output/output_place.h"
#include "common/output/work_folder.h"

struct output_file {
    struct output_place place;
    int fd; /* of the temporary file */
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

/* Waits until no process writes what has the temporary name, and removes it. 0, also when it is gone by itself, or -1
 * and error. */
static int remove_left(const struct output_file *file, struct error *error)
{
    const struct output_place *place = &file->place;
    int fd = openat(place->dir_fd, place->temporary_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), status = 0;

    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return error_set_errno(error, errno, "cannot open the temporary file of %s", place->path);
    if (output_place_lock(place, fd, error)) {
        close(fd);
        return -1;
    }
    if (output_place_names(place->dir_fd, place->temporary_name, fd) &&
        unlinkat(place->dir_fd, place->temporary_name, 0))
        status = error_set_errno(error, errno, "cannot remove the temporary file of %s", place->path);
    close(fd);
    return status;
}

/* Creates and locks the temporary file. What another process has left is never written to: it may get its final name
 * before it is locked. */
static int open_locked(struct output_file *file, struct error *error)
{
    const struct output_place *place = &file->place;

    for (;;) {
        file->fd =
            openat(place->dir_fd, place->temporary_name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (file->fd < 0 && errno != EEXIST)
            return error_set_errno(error, errno, "cannot make %s", place->path);
        if (file->fd < 0) {
            if (remove_left(file, error))
                return -1;
            continue;
        }
        if (output_place_lock(place, file->fd, error))
            return -1;
        if (output_place_names(place->dir_fd, place->temporary_name, file->fd))
            return 0;
        close(file->fd); /* removed between its creation and the lock */
        file->fd = -1;
    }
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
    struct stat facts;
    int status = -1, fd = f->fd;

    if (fstat(fd, &facts) || fsync(fd)) {
        error_set_errno(error, errno, "cannot write %s to the disk", f->place.path);
        output_file_abort(file);
        return -1;
    }
    if (!output_place_names(f->place.dir_fd, f->place.temporary_name, fd)) {
        error_set(error, ERROR_IO, "another process has removed the temporary file of %s", f->place.path);
        output_file_abort(file);
        return -1;
    }
    if (renameat(f->place.dir_fd, f->place.temporary_name, f->place.dir_fd, f->place.name)) {
        error_set_errno(error, errno, "cannot give %s its name", f->place.path);
        output_file_abort(file);
        return -1;
    }
    if (output_place_sync(&f->place, error))
        goto end;
    f->fd = -1;
    status = close(fd) ? error_set_errno(error, errno, "cannot close %s", f->place.path) : 0;
    if (!status && bytes)
        *bytes = facts.st_size;
end:
    close_file(file);
    return status;
}

void output_file_abort(struct output_file **file)
{
    if (!*file)
        return;
    if (output_place_names((*file)->place.dir_fd, (*file)->place.temporary_name, (*file)->fd))
        unlinkat((*file)->place.dir_fd, (*file)->place.temporary_name, 0);
    close_file(file);
}

/* Creates dir and its missing parents. */
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
            work_folder_remove(dir_fd, name);
        return;
    }
    if (!flock(fd, LOCK_EX | LOCK_NB) && output_place_names(dir_fd, name, fd))
        unlinkat(dir_fd, name, 0);
    close(fd);
}

/* Checks that a file can be created in the folder. Signals wait meanwhile: the file would stay. */
static int try_to_write(const char *dir, struct error *error)
{
    struct output_file *file;
    sigset_t all, before;
    char *path;
    int status;

    if (asprintf(&path, "%s/th-probe-%ld", dir, (long)getpid()) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    status = output_file_open(&file, path, error);
    if (!status)
        output_file_abort(&file);
    sigprocmask(SIG_SETMASK, &before, NULL);
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
        if (work_folder_is_name(entry->d_name))
            work_folder_sweep(dirfd(folder), entry->d_name);
        else if (output_place_is_temporary(entry->d_name))
            remove_if_left(dirfd(folder), entry->d_name);
    closedir(folder);
    return try_to_write(dir, error);
}

int output_file_sweep_notes(const char *dir, struct error *error)
{
    struct stat facts;

    if (!lstat(dir, &facts) && S_ISLNK(facts.st_mode))
        return error_set(error, ERROR_IO, "%s is a symbolic link; expected a folder that this program made", dir);
    return output_file_sweep(dir, error);
}

FILE *output_file_read_notes(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

    if (!file && fd >= 0)
        close(fd);
    return file;
}
