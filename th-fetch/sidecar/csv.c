#include "th-fetch/sidecar/csv.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static bool begins_with_any(const char *text, const char *const *beginnings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(text, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/* Whether a spreadsheet would calculate with the text. Apostrophes count as nothing, so that what was added can be told
 * from what was there. Some take full-width signs for the plain ones, and pass over spaces that are not seen. */
static bool is_formula(const char *text)
{
    static const char *const blanks[] = {" ", "'", "\u00a0", "\u200b", "\u3000", "\ufeff"};
    static const char *const signs[] = {"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"};

    while (begins_with_any(text, blanks, COUNT_OF(blanks)))
        text += text_character(text);
    return begins_with_any(text, signs, COUNT_OF(signs));
}

static void write_field(FILE *stream, const char *text)
{
    fputc('"', stream);
    if (is_formula(text))
        fputc('\'', stream);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
        if (*text == ';' && is_formula(text + 1))
            fputc('\'', stream);
    }
    fputc('"', stream);
}

char *csv_row(const char *const *fields, size_t count)
{
    char *row = NULL;
    size_t length;
    FILE *stream = open_memstream(&row, &length);
    bool is_good = stream;

    for (size_t i = 0; is_good && i < count; i++) {
        char *plain = strdup(fields[i] ? fields[i] : "");

        is_good = plain;
        if (!plain)
            break;
        text_make_plain(plain);
        if (i > 0)
            fputc(',', stream);
        write_field(stream, plain);
        free(plain);
    }
    if (stream) {
        fputc('\n', stream);
        is_good = !ferror(stream) && is_good;
        is_good = fclose(stream) == 0 && is_good;
    }
    if (!is_good) {
        free(row);
        row = NULL;
    }
    return row;
}

char *csv_first_field(const char *row)
{
    char *field = *row == '"' ? malloc(strlen(row)) : NULL;
    size_t length = 0;

    if (!field)
        return NULL;
    for (row++; *row && (*row != '"' || row[1] == '"'); row++) {
        row += *row == '"';
        bool was_added = *row == '\'' && (length == 0 || field[length - 1] == ';') && is_formula(row + 1);
        if (!was_added)
            field[length++] = *row;
        /* Of several only the first. */
        if (was_added && row[1] == '\'')
            field[length++] = *++row;
    }
    field[length] = '\0';
    if (*row != '"') {
        free(field);
        return NULL;
    }
    return field;
}
