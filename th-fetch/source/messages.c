#include "th-fetch/source/messages.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

enum { WARNINGS_MAX = 16, WARNING_BYTES = 400 };

/* The next line that is not empty, and its length; NULL at the end. *rest is where to go on. */
static const char *next_line(const char **rest, size_t *length)
{
    const char *line = *rest ? *rest + strspn(*rest, "\r\n") : "";

    *length = strcspn(line, "\r\n");
    *rest = line + *length;
    return *length > 0 ? line : NULL;
}

static bool begins_with(const char *line, size_t length, const char *start)
{
    return length >= strlen(start) && strncmp(line, start, strlen(start)) == 0;
}

/* Copies a line without its first `prefix` bytes and the white space after them. */
static void copy_line(char *out, size_t size, const char *line, size_t length, size_t prefix)
{
    prefix += strspn(line + prefix, " \t");
    snprintf(out, size, "%.*s", prefix < length ? (int)(length - prefix) : 0, line + prefix);
    text_make_plain(out);
}

void messages_error(const char *text, char *out, size_t size)
{
    const char *line, *picked = NULL;
    size_t length, picked_length = 0;
    bool is_error = false;

    out[0] = '\0';
    while ((line = next_line(&text, &length))) {
        bool starts = begins_with(line, length, "ERROR:");

        if (starts || !is_error) {
            picked = line;
            picked_length = length;
        }
        is_error = is_error || starts;
    }
    if (picked)
        copy_line(out, size, picked, picked_length, is_error ? strlen("ERROR:") : 0);
}

json_t *messages_warnings(const char *text)
{
    json_t *warnings = json_array();
    const char *line;
    size_t length;

    while (warnings && json_array_size(warnings) < WARNINGS_MAX && (line = next_line(&text, &length))) {
        char warning[WARNING_BYTES];

        if (!begins_with(line, length, "WARNING:"))
            continue;
        copy_line(warning, sizeof warning, line, length, strlen("WARNING:"));
        if (json_array_append_new(warnings, json_string(warning)) < 0) {
            json_decref(warnings);
            warnings = NULL;
        }
    }
    return warnings;
}
