#include "common/output/file_stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hash.h"

enum { END_BYTES = 16 * 1024 };

int file_stamp_read(struct file_stamp *stamp, const char *path)
{
    struct stat facts;

    if (stat(path, &facts))
        return -1;
    if (!S_ISREG(facts.st_mode)) {
        errno = S_ISDIR(facts.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    *stamp = (struct file_stamp){.size = facts.st_size,
                                 .mtime = (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec};
    return 0;
}

/* Adds up to END_BYTES from offset to hash. */
static int add_bytes(uint64_t *hash, int fd, int64_t offset)
{
    unsigned char bytes[END_BYTES];
    ssize_t got = pread(fd, bytes, sizeof bytes, offset);

    if (got > 0)
        *hash = hash_add(*hash, bytes, (size_t)got);
    return got < 0 ? -1 : 0;
}

int file_stamp_read_ends(struct file_stamp *stamp, const char *path)
{
    uint64_t hash = HASH_EMPTY;
    int fd, status = -1;

    if (file_stamp_read(stamp, path))
        return -1;
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (!add_bytes(&hash, fd, 0) && !add_bytes(&hash, fd, stamp->size > END_BYTES ? stamp->size - END_BYTES : 0))
        status = 0;
    close(fd);
    stamp->ends = (int64_t)hash;
    return status;
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->size == b->size && a->mtime == b->mtime;
}

int file_stamp_renew(struct file_stamp *known, const char *path)
{
    struct file_stamp now;

    if (file_stamp_read(&now, path))
        return -1;
    if (file_stamp_equal(&now, known))
        return 1;
    if (now.size != known->size || !known->ends)
        return 0;
    if (file_stamp_read_ends(&now, path))
        return -1;
    if (now.ends == known->ends)
        known->mtime = now.mtime;
    return now.ends == known->ends;
}
