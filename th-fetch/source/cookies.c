#include "th-fetch/source/cookies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/line.h"

enum { FIELDS = 7 };

static const char byte_order_mark[] = "\xEF\xBB\xBF";
static const char http_only[] = "#HttpOnly_";
static const char header[] = "# Netscape HTTP Cookie File";
static const char old_header[] = "# HTTP Cookie File";

static bool starts_with(const char *line, const char *start)
{
    return strncmp(line, start, strlen(start)) == 0;
}

bool cookies_is_cookie(const char *line, size_t length)
{
    int fields = 1;

    if (line[0] == '#' && !starts_with(line, http_only))
        return false;
    for (size_t i = 0; i < length; i++)
        fields += line[i] == '\t';
    return fields == FIELDS;
}

/* Copies the lines. Sets *count to the number of cookies among them. 0, or -1 and error. */
static int copy_lines(FILE *from, FILE *to, const char *path, int *count, struct error *error)
{
    struct line line = {0};
    enum line_result got;
    struct error fault;

    *count = 0;
    while ((got = line_read(&line, from, &fault)) == LINE_READ) {
        bool is_first = line.number == 1;
        size_t mark = is_first && starts_with(line.text, byte_order_mark) ? strlen(byte_order_mark) : 0;
        const char *text = line.text + mark;
        size_t length = line.length - mark;

        /* Python's cookie jar, which yt-dlp uses, refuses a file without this line. */
        if (is_first && !starts_with(text, header) && !starts_with(text, old_header))
            fprintf(to, "%s\n", header);
        fwrite(text, 1, length, to);
        *count += cookies_is_cookie(text, length);
    }
    free(line.text);
    if (got != LINE_END)
        return error_set(error, fault.word, "--cookies: %.200s:%ld: %s", path, line.number, fault.message);
    return fflush(to) != 0 ? error_set_errno(error, errno, "--cookies: cannot copy %.200s", path) : 0;
}

int cookies_open(struct cookies *cookies, const char *path, struct error *error)
{
    FILE *from = fopen(path, "re"), *to = NULL;
    int count, copy = -1, result = -1;

    cookies->fd = memfd_create("cookies", MFD_CLOEXEC);
    if (cookies->fd >= 0)
        copy = dup(cookies->fd);
    if (copy >= 0)
        to = fdopen(copy, "w");
    if (!from || !to)
        error_set_errno(error, errno, "--cookies: cannot read %.200s", path);
    else if ((result = copy_lines(from, to, path, &count, error)) == 0 && count == 0)
        result = error_set(
            error, ERROR_IO,
            "--cookies: %.200s holds no cookie in Netscape's format; expected lines of %d fields separated by tabs, "
            "as browser extensions export them to cookies.txt",
            path, FIELDS);
    snprintf(cookies->path, sizeof cookies->path, "/proc/self/fd/%d", cookies->fd);
    if (from)
        fclose(from);
    if (to)
        fclose(to);
    else if (copy >= 0)
        close(copy);
    if (result < 0)
        cookies_close(cookies);
    return result;
}

void cookies_close(struct cookies *cookies)
{
    if (cookies->fd >= 0)
        close(cookies->fd);
    cookies->fd = -1;
}
