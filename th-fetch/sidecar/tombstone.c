#include "th-fetch/sidecar/tombstone.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/name.h"

int tombstone_check(const char *dir, const char *id, struct error *error)
{
    char *path = name_path(dir, id, ".mp4.pruned");
    struct stat facts;
    char text[64] = "";
    int result = -1;

    if (!path) {
        error_set(error, ERROR_IO, "out of memory");
    } else if (lstat(path, &facts) < 0) {
        result = 0;
    } else {
        int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
        text[got > 0 ? strcspn(text, " \n") : 0] = '\0';
        enum error_word word = error_word_from_name(text);
        if (word == ERROR_NONE || error_word_class(word) != ERROR_CLASS_PERMANENT)
            word = ERROR_GONE;
        error_set(error, word, "the video has been deleted here on purpose, and is not fetched again (%.200s)", path);
        if (fd >= 0)
            close(fd);
    }
    free(path);
    return result;
}
