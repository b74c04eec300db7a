#include "common/name.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/number.h"
#include "common/text.h"

enum { QUOTED_MAX = 60 }; /* bytes of a bad name that a message shows */

static int check_name(const char *name, const char *what, size_t longest, struct error *error)
{
    const char *fault = NULL;

    if (!*name)
        return error_set(error, ERROR_BAD_ID, "the %s is empty", what);
    if (strlen(name) > longest)
        return error_set(error, ERROR_BAD_ID, "the %s \"%.*s...\" has %zu bytes, more than %zu", what, QUOTED_MAX, name,
                         strlen(name), longest);
    if (name[0] == '.')
        fault = "begins with a dot";
    if (strchr(name, '/'))
        fault = "holds a \"/\"";
    if (strstr(name, ".."))
        fault = "holds \"..\"";
    if (!fault && !text_is_one_line(name))
        fault = "holds a control character";
    if (!text_is_utf8(name))
        fault = "is not UTF-8";
    if (fault)
        return error_set(error, ERROR_BAD_ID, "the %s \"%.*s\" %s", what, QUOTED_MAX, name, fault);
    return 0;
}

int name_check(const char *name, struct error *error)
{
    return check_name(name, "name", NAME_CLIP_MAX, error);
}

int name_check_id(const char *id, struct error *error)
{
    return check_name(id, "video id", NAME_ID_MAX, error);
}

size_t name_chunk_id(const char *chunk, long *number)
{
    const char *underscore = strrchr(chunk, '_');
    int64_t value;

    if (!underscore || underscore == chunk || strlen(underscore + 1) < 4)
        return 0;
    if (underscore[1] == '-' || !number_int(underscore + 1, 0, INT_MAX, &value))
        return 0;
    if (number)
        *number = (long)value;
    return (size_t)(underscore - chunk);
}

char *name_path(const char *dir, const char *name, const char *suffix)
{
    char *path;

    if (asprintf(&path, "%s/%s%s", dir, name, suffix) < 0)
        return NULL;
    return path;
}

char *name_from_path(const char *path, const char *suffix)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t length = strlen(base), tail = strlen(suffix);

    if (length > tail && !strcmp(base + length - tail, suffix))
        length -= tail;
    return strndup(base, length);
}
