#include "th-fetch/source/json_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    ESCAPE_BYTES = 6,   /* of "\u12ab" */
    VALUES_MAX = 250000 /* jansson takes up to 300 bytes for a value of 3 bytes; yt-dlp prints 50 and more for each */
};

/* The UTF-16 code unit of the escape at `at`; -1 when that is another escape or none. */
static int read_unit(const char *at, const char *end)
{
    static const char digits[] = "0123456789abcdef";
    int unit = 0;

    if (end - at < ESCAPE_BYTES || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (int i = 2; i < ESCAPE_BYTES; i++) {
        const char *digit = memchr(digits, tolower((unsigned char)at[i]), sizeof digits - 1);

        if (!digit)
            return -1;
        unit = unit * 16 + (int)(digit - digits);
    }
    return unit;
}

/* Repairs the escape at `at`; gives the character behind it. */
static char *repair_escape(char *at, const char *end)
{
    static const char replacement[] = {'f', 'f', 'f', 'd'};
    int unit = read_unit(at, end), next = unit < 0 ? -1 : read_unit(at + ESCAPE_BYTES, end);
    bool is_high = unit >= 0xD800 && unit <= 0xDBFF, is_low = unit >= 0xDC00 && unit <= 0xDFFF;

    if (unit < 0)
        return at + 2;
    if (is_high && next >= 0xDC00 && next <= 0xDFFF)
        return at + ESCAPE_BYTES + ESCAPE_BYTES;
    if (is_high || is_low || unit == 0)
        memcpy(at + 2, replacement, sizeof replacement);
    return at + ESCAPE_BYTES;
}

/* Repairs what is at `at`, outside strings; gives the character behind it. */
static char *repair_number(char *at, const char *end)
{
    static const char *const words[] = {"-Infinity", "Infinity", "NaN"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);

        if ((size_t)(end - at) >= length && memcmp(at, words[i], length) == 0) {
            memset(at, ' ', length);
            *at = '0';
            return at + length;
        }
    }
    return at + 1;
}

json_t *json_text_parse(char *text, size_t length, json_error_t *why)
{
    const char *end = text + length;
    bool is_string = false;
    size_t values = 1;

    for (char *at = text; at < end;) {
        if (*at == '"')
            is_string = !is_string;
        if (!is_string && strchr(",[{", *at) && *at)
            values++;
        if (!is_string)
            at = repair_number(at, end);
        else if (*at == '\\')
            at = repair_escape(at, end);
        else
            at++;
    }
    if (values > VALUES_MAX) {
        snprintf(why->text, sizeof why->text, "it holds more than %d values", VALUES_MAX);
        return NULL;
    }
    return json_loadb(text, length, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, why);
}
