#include "common/output/output_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 1000, LOCK_STEP_MS = 10 };

static const char suffix[] = ".th.part"; /* no other program uses it */

/* The folder of path, ended by a slash, in new memory; NULL when out of memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");
}

int output_place_open(struct output_place *place, const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    char *dir = folder_of(path);
    int status = -1;

    *place = (struct output_place){.dir_fd = -1, .path = strdup(path)};
    if (dir && asprintf(&place->temporary_path, "%s.%s%s", dir, slash ? slash + 1 : path, suffix) < 0)
        place->temporary_path = NULL; /* asprintf leaves it undefined */
    if (!dir || !place->path || !place->temporary_path) {
        error_set(error, ERROR_IO, "out of memory");
        goto end;
    }
    place->name = slash ? place->path + (slash + 1 - path) : place->path;
    place->temporary_name = place->temporary_path + strlen(dir);
    place->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    status = place->dir_fd < 0 ? error_set_errno(error, errno, "cannot open the folder %s", dir) : 0;
end:
    free(dir);
    return status;
}

void output_place_close(struct output_place *place)
{
    if (place->dir_fd >= 0)
        close(place->dir_fd);
    free(place->path);
    free(place->temporary_path);
    *place = (struct output_place){.dir_fd = -1};
}

int output_place_sync_fd(int fd)
{
    return fsync(fd) && errno != EINVAL ? -1 : 0;
}

int output_place_sync_dir(const char *dir, struct error *error)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int status =
        fd < 0 || output_place_sync_fd(fd) ? error_set_errno(error, errno, "cannot sync the folder '%.200s'", dir) : 0;

    if (fd >= 0)
        close(fd);
    return status;
}

int output_place_sync(const struct output_place *place, struct error *error)
{
    if (output_place_sync_fd(place->dir_fd))
        return error_set_errno(error, errno, "cannot write the folder of %s to the disk", place->path);
    return 0;
}

/* Whether flock() failed because the file system has no locks: network file systems report that with many numbers, 524
 * among them (ENOTSUPP of the kernel, which has no name here). */
static bool cannot_lock(int number)
{
    return number != EWOULDBLOCK && number != EINTR;
}

int output_place_lock_fd(int fd, int wait_ms)
{
    static const struct timespec step = {.tv_nsec = LOCK_STEP_MS * 1000000L};

    for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) && !cannot_lock(errno); waited += LOCK_STEP_MS) {
        if (waited >= wait_ms)
            return -1;
        (void)nanosleep(&step, NULL);
    }
    return 0;
}

int output_place_lock(const struct output_place *place, int fd, struct error *error)
{
    return output_place_lock_fd(fd, LOCK_WAIT_MS)
               ? error_set(error, ERROR_IO, "%s is being written by another process", place->path)
               : 0;
}

int output_place_lock_fault(const char *dir)
{
    char *path;
    int fd, fault = 0;

    if (asprintf(&path, "%s/.th-lock-%ld%s", dir, (long)getpid(), suffix) < 0)
        return 0;
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) {
        if (flock(fd, LOCK_EX | LOCK_NB) && cannot_lock(errno))
            fault = errno;
        unlink(path);
        close(fd);
    }
    free(path);
    return fault;
}

bool output_place_names(int dir_fd, const char *name, int fd)
{
    struct stat by_name, by_fd;

    return !fstatat(dir_fd, name, &by_name, AT_SYMLINK_NOFOLLOW) && !fstat(fd, &by_fd) &&
           by_name.st_dev == by_fd.st_dev && by_name.st_ino == by_fd.st_ino;
}

bool output_place_is_temporary(const char *name)
{
    size_t length = strlen(name), tail = sizeof suffix - 1;

    return name[0] == '.' && length > tail + 1 && !strcmp(name + length - tail, suffix);
}

int output_place_check(const char *path)
{
    char *dir = folder_of(path);
    int status = dir ? access(dir, W_OK | X_OK) : -1;

    free(dir); /* keeps errno */
    return status;
}
