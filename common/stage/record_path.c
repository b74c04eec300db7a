#include "common/stage/record_path.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/stage/record.h"

static const char *const members[] = {"path", "source"};
enum { MEMBER_COUNT = sizeof members / sizeof *members };

static char *join(const char *folder, const char *path)
{
    char *joined;

    return asprintf(&joined, "%s/%s", folder, path) < 0 ? NULL : joined;
}

char *record_path_absolute(const char *path)
{
    char *folder = *path == '/' ? NULL : getcwd(NULL, 0);
    char *absolute = *path == '/' ? strdup(path) : folder ? join(folder, path) : NULL;

    free(folder);
    return absolute;
}

static int set_text(json_t *record, const char *member, char *text)
{
    int status = text ? json_object_set_new(record, member, json_string(text)) : -1;

    free(text);
    return status;
}

int record_path_relate(json_t *record, const char *base)
{
    size_t length = strlen(base);
    bool is_related = false;

    while (length && base[length - 1] == '/')
        length--;
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        const char *path = record_text(record, members[i]);

        if (!path)
            continue;
        if (!strncmp(path, base, length) && path[length] == '/') {
            is_related = true;
            if (set_text(record, members[i], strdup(path + length + 1)) < 0)
                return -1;
        } else if (set_text(record, members[i], record_path_absolute(path)) < 0) {
            return -1;
        }
    }
    return is_related ? json_object_set_new(record, "base", json_string(base)) : 0;
}

/* Shortens SET/variants/NAME to SET. A set may lie in a folder "variants" without manifests beside it: its name stays.
 * 0, or -1 when out of memory. */
static int leave_variant(char *folder)
{
    static const char variants[] = "/variants";
    char *name = strrchr(folder, '/'), *manifests;
    ptrdiff_t length = name ? name - folder - (ptrdiff_t)strlen(variants) : -1;

    if (length < 0 || strncmp(folder + length, variants, strlen(variants)) != 0)
        return 0;
    if (asprintf(&manifests, "%.*s/manifests", (int)length, folder) < 0)
        return -1;
    if (!access(manifests, F_OK))
        folder[length] = '\0';
    free(manifests);
    return 0;
}

/* The set that the file belongs to: the folder that holds its folder "manifests", without /variants/NAME; "" when there
 * is none. In new memory, NULL on failure. */
static char *set_of(const char *manifest)
{
    char *path = record_path_absolute(manifest), *end = path;

    if (!path)
        return NULL;
    for (char *at = path; (at = strstr(at, "/manifests/")); at++)
        end = at;
    *end = '\0';
    if (leave_variant(path)) {
        free(path);
        return NULL;
    }
    return path;
}

int record_path_resolve(json_t *record, const char *manifest)
{
    const char *base = record_text(record, "base");
    char *set;
    int status = 0;

    if (!base)
        return 0;
    set = set_of(manifest);
    if (!set)
        return -1;
    for (size_t i = 0; i < MEMBER_COUNT && !status; i++) {
        const char *path = record_text(record, members[i]);

        if (path && *path != '/')
            status = set_text(record, members[i], join(*set ? set : base, path));
    }
    free(set);
    return status ? -1 : json_object_del(record, "base");
}
