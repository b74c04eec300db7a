#include "common/line.h"

#include <errno.h>

#include "common/array.h"

enum line_result line_read(struct line *line, FILE *stream, struct error *error)
{
    int byte = 0;

    line->length = 0;
    while (byte != '\n' && (byte = getc_unlocked(stream)) != EOF) {
        if (line->length + 1 >= line->room) {
            char *text = array_make_room(line->text, line->room, &line->room, 1);

            if (!text) {
                error_set(error, ERROR_IO, "out of memory");
                return LINE_FAILED;
            }
            line->text = text;
        }
        if (line->length <= LINE_BYTES_MAX)
            line->text[line->length++] = (char)byte;
    }
    if (ferror(stream)) {
        error_set_errno(error, errno, "cannot read");
        return LINE_FAILED;
    }
    if (!line->length)
        return LINE_END;
    line->number++;
    line->text[line->length] = '\0';
    if (line->length <= LINE_BYTES_MAX || (line->length == LINE_BYTES_MAX + 1 && line->text[LINE_BYTES_MAX] == '\n'))
        return LINE_READ;
    error_set(error, ERROR_IO, "the line is longer than %d bytes", LINE_BYTES_MAX);
    return LINE_TOO_LONG;
}
