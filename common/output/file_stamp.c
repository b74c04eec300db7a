#include "common/output/file_stamp.h"

#include <errno.h>
#include <sys/stat.h>

int file_stamp_read(struct file_stamp *stamp, const char *path)
{
    struct stat facts;

    if (stat(path, &facts))
        return -1;
    if (!S_ISREG(facts.st_mode)) {
        errno = S_ISDIR(facts.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    stamp->size = facts.st_size;
    stamp->mtime = (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec;
    return 0;
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->size == b->size && a->mtime == b->mtime;
}
