#include "common/tube_rows.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

/* Handles one line of length bytes, newline included. 0, or -1 and error: bad_tube or bad_id for the row, io when out
 * of memory.
 */
static int read_row(const struct tube_rows *rows, char *text, size_t length, long line, struct error *error)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* UTF-8's byte order mark */
    char chunk[NAME_CHUNK_MAX + 1];
    struct tube tube;

    if (strlen(text) != length)
        return error_set(error, ERROR_BAD_TUBE, "the row holds a NUL byte");
    text[strcspn(text, "\r\n")] = '\0';
    if (line == 1 && !strncmp(text, mark, sizeof mark - 1))
        text += sizeof mark - 1;
    if (text[0] == '#' || !text[strspn(text, " \t")])
        return 0;
    if (line >= INT32_MAX)
        return error_set(error, ERROR_BAD_TUBE, "the list has too many lines");
    if (tube_parse(text, chunk, &tube, error))
        return -1;
    if (rows->take(rows->self, chunk, &tube, line))
        return error_set(error, ERROR_IO, "out of memory");
    return 0;
}

int tube_rows_read(FILE *stream, const char *file, const struct tube_rows *rows, struct error *error)
{
    struct error fault;
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    bool is_first = true; /* only blank lines so far */
    int status = 0;

    for (long line = 1; !status && (length = getline(&text, &room, stream)) >= 0; line++) {
        if (is_first && text_is_web_page(text)) {
            status = error_set(error, ERROR_IO, "the tube list %s is a web page; download the list again", file);
            break;
        }
        is_first = is_first && !text[strspn(text, " \t\r\n")];
        if (!read_row(rows, text, (size_t)length, line, &fault))
            continue;
        if (fault.word == ERROR_IO)
            status = error_set(error, ERROR_IO, "%s:%ld: %s", file, line, fault.message);
        else
            rows->bad(rows->self, file, line, &fault);
    }
    if (!status && ferror(stream))
        status = error_set_errno(error, errno, "cannot read the tube list %s", file);
    free(text);
    return status;
}
