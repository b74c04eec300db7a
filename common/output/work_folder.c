#include "common/output/work_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/output/output_place.h"

enum {
    DEAD_SECONDS = 24 * 60 * 60, /* no job lasts that long */
    DEPTH_MAX = 8                /* of folders that are removed; the deepest that is made has 3 */
};

struct work_folder {
    char *dir, *path, *lock_path;
    int lock; /* descriptor, -1: not open */
};

/* The beginning of the names, the end of a lock's, and the name of a folder that is being replaced. */
static const char beginning[] = ".th.part-", lock_ending[] = ".lock", replaced[] = ".replaced";

enum { LOCK_ENDING_LENGTH = sizeof lock_ending - 1 };

static int open_folder(int dir_fd, const char *name)
{
    return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Removes the entry, which is `depth` folders deep. */
static void remove_at(int dir_fd, const char *name, int depth)
{
    int fd = unlinkat(dir_fd, name, 0) && depth < DEPTH_MAX ? open_folder(dir_fd, name) : -1;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_at(fd, entry->d_name, depth + 1);
    if (dir)
        closedir(dir); /* closes fd */
    else if (fd >= 0)
        close(fd);
    unlinkat(dir_fd, name, AT_REMOVEDIR);
}

void work_folder_remove(int dir_fd, const char *name)
{
    remove_at(dir_fd, name, 0);
}

bool work_folder_is_name(const char *name)
{
    return !strncmp(name, beginning, sizeof beginning - 1);
}

/* Locks the file, unless its process lives. */
static bool is_left(int lock)
{
    struct stat facts;

    if (!flock(lock, LOCK_EX | LOCK_NB))
        return true;
    return errno != EWOULDBLOCK && !fstat(lock, &facts) && time(NULL) - facts.st_mtim.tv_sec > DEAD_SECONDS;
}

/* Removes the lock and its folder when their process is dead. */
static void sweep_lock(int dir_fd, const char *name, const char *folder)
{
    int lock = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (lock < 0)
        return;
    if (is_left(lock) && output_place_names(dir_fd, name, lock)) {
        work_folder_remove(dir_fd, folder);
        unlinkat(dir_fd, name, 0);
    }
    close(lock);
}

void work_folder_sweep(int dir_fd, const char *name)
{
    size_t length = strlen(name);
    bool is_lock = length > LOCK_ENDING_LENGTH && !strcmp(name + length - LOCK_ENDING_LENGTH, lock_ending);
    char *other; /* the folder of the lock, or the lock of the folder */

    if (asprintf(&other, "%.*s%s", (int)(is_lock ? length - LOCK_ENDING_LENGTH : length), name,
                 is_lock ? "" : lock_ending) < 0)
        return;
    if (is_lock)
        sweep_lock(dir_fd, name, other);
    else if (faccessat(dir_fd, other, F_OK, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
        work_folder_remove(dir_fd, name); /* its lock was there before it */
    free(other);
}

/* Makes and locks the lock. 0, or -1 and error; 1 when a sweep has removed it before it was locked. */
static int make_lock(struct work_folder *folder, struct error *error)
{
    int status;

    if (asprintf(&folder->lock_path, "%s/%sXXXXXX%s", folder->dir, beginning, lock_ending) < 0) {
        folder->lock_path = NULL;
        error_set(error, ERROR_IO, "out of memory");
        return -1;
    }
    folder->lock = mkostemps(folder->lock_path, LOCK_ENDING_LENGTH, O_CLOEXEC);
    if (folder->lock >= 0 && !output_place_lock_fd(folder->lock, 0) &&
        output_place_names(AT_FDCWD, folder->lock_path, folder->lock))
        return 0;
    if (folder->lock < 0)
        error_set_errno(error, errno, "cannot make a file in %s", folder->dir);
    else
        close(folder->lock);
    status = folder->lock < 0 ? -1 : 1;
    folder->lock = -1;
    free(folder->lock_path);
    folder->lock_path = NULL;
    return status;
}

/* 0, or -1 and error. */
static int make_folder(struct work_folder *folder, struct error *error)
{
    folder->path = strndup(folder->lock_path, strlen(folder->lock_path) - LOCK_ENDING_LENGTH);
    if (!folder->path)
        return error_set(error, ERROR_IO, "out of memory");
    return mkdir(folder->path, 0777) ? error_set_errno(error, errno, "cannot make a folder in %s", folder->dir) : 0;
}

int work_folder_open(struct work_folder **folder, const char *dir, struct error *error)
{
    struct work_folder *f = malloc(sizeof *f);
    int status;

    *folder = f;
    if (!f)
        return error_set(error, ERROR_IO, "out of memory");
    *f = (struct work_folder){.dir = strdup(dir), .lock = -1};
    if (!f->dir) {
        work_folder_close(folder);
        return error_set(error, ERROR_IO, "out of memory");
    }
    do
        status = make_lock(f, error);
    while (status > 0);
    if (!status)
        status = make_folder(f, error);
    if (status)
        work_folder_close(folder);
    return status;
}

const char *work_folder_path(const struct work_folder *folder)
{
    return folder->path;
}

/* Exchanges the folder at `from` with the one at path, or moves that one away first where the file system cannot
 * exchange. 0, or -1 and errno. */
static int replace(const struct work_folder *folder, const char *from, const char *path)
{
    char *old;
    int status;

    if (!renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_EXCHANGE))
        return 0;
    if ((errno != EINVAL && errno != ENOSYS) || asprintf(&old, "%s/%s", folder->path, replaced) < 0)
        return -1;
    work_folder_remove(AT_FDCWD, old);
    status = rename(path, old);
    if (!status && rename(from, path)) {
        int number = errno;

        (void)rename(old, path); /* the error is that of the first one */
        errno = number;
        status = -1;
    }
    free(old);
    return status;
}

int work_folder_take(const struct work_folder *folder, const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    char *from;
    int status;

    if (asprintf(&from, "%s/%s", folder->path, slash ? slash + 1 : path) < 0)
        return error_set(error, ERROR_IO, "out of memory");
    status = rename(from, path);
    if (status && (errno == ENOTEMPTY || errno == EEXIST))
        status = replace(folder, from, path);
    if (status)
        error_set_errno(error, errno, "cannot give %s its name", path);
    free(from);
    return status;
}

int work_folder_sync(const struct work_folder *folder, struct error *error)
{
    return output_place_sync_dir(folder->dir, error);
}

void work_folder_close(struct work_folder **folder)
{
    struct work_folder *f = *folder;

    if (!f)
        return;
    if (f->path)
        work_folder_remove(AT_FDCWD, f->path);
    if (f->lock_path)
        unlink(f->lock_path);
    if (f->lock >= 0)
        close(f->lock);
    free(f->dir);
    free(f->path);
    free(f->lock_path);
    free(f);
    *folder = NULL;
}
