#include "common/output/write_all.h"

#include <errno.h>
#include <unistd.h>

int write_all(int fd, const void *data, size_t size)
{
    const char *rest = data;

    while (size > 0) {
        ssize_t put = write(fd, rest, size);

        if (put < 0 && errno != EINTR)
            return -1;
        if (put > 0) {
            rest += put;
            size -= (size_t)put;
        }
    }
    return 0;
}

int write_all_at(int fd, const void *data, size_t size, int64_t offset)
{
    const char *rest = data;

    while (size > 0) {
        ssize_t put = pwrite(fd, rest, size, offset);

        if (put < 0 && errno != EINTR)
            return -1;
        if (put > 0) {
            rest += put;
            size -= (size_t)put;
            offset += put;
        }
    }
    return 0;
}
