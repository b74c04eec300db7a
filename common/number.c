#include "common/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The place after the digits that text begins with. */
static const char *skip_digits(const char *text)
{
    while (isdigit((unsigned char)*text))
        text++;
    return text;
}

bool number_int(const char *text, int64_t min, int64_t max, int64_t *value)
{
    const char *digits = text + (*text == '-');
    const char *end = skip_digits(digits);
    long long number;

    if (end == digits || *end)
        return false;
    errno = 0;
    number = strtoll(text, NULL, 10);
    if (errno || number < min || number > max)
        return false;
    *value = number;
    return true;
}

bool number_real(const char *text, double min, double max, double *value)
{
    const char *digits = text + (*text == '-');
    const char *end = skip_digits(digits);
    double number;

    if (end == digits)
        return false;
    if (*end == '.') {
        const char *fraction = end + 1;

        end = skip_digits(fraction);
        if (end == fraction)
            return false;
    }
    if (*end)
        return false;
    number = strtod(text, NULL);
    if (!isfinite(number) || number < min || number > max)
        return false;
    *value = number;
    return true;
}

bool number_size(const char *text, int64_t min, int64_t max, int64_t *bytes)
{
    static const char units[] = "KMGT";
    const char *end = skip_digits(text), *unit;
    int64_t factor = 1;
    unsigned long long number;

    if (end == text)
        return false;
    if (*end) {
        unit = strchr(units, *end);
        if (!unit || end[1])
            return false;
        factor <<= 10 * (unit - units + 1);
    }
    errno = 0;
    number = strtoull(text, NULL, 10);
    if (errno || number > (unsigned long long)(INT64_MAX / factor))
        return false;
    if ((int64_t)number * factor < min || (int64_t)number * factor > max)
        return false;
    *bytes = (int64_t)number * factor;
    return true;
}

void number_write_count(char *out, int64_t count)
{
    char digits[NUMBER_TEXT];
    int length = snprintf(digits, sizeof digits, "%" PRId64, count);

    for (int i = 0; i < length; i++) {
        *out++ = digits[i];
        if ((length - i) % 3 == 1 && i + 1 < length && digits[i] != '-')
            *out++ = ',';
    }
    *out = '\0';
}

void number_write_bytes(char *out, int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
    double value = (double)bytes / 1000;
    size_t unit = 0;

    while (value >= 999.95 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1000;
        unit++;
    }
    if (bytes < 1000)
        snprintf(out, NUMBER_TEXT, "%" PRId64 " byte%s", bytes, bytes == 1 ? "" : "s");
    else
        snprintf(out, NUMBER_TEXT, "%.1f %s", value, units[unit]);
}
