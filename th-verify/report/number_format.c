#include "th-verify/report/number_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *number_format_count(char *out, int64_t count)
{
    char digits[NUMBER_FORMAT_SIZE];
    size_t length, written = 0;

    snprintf(digits, sizeof digits, "%" PRId64, count);
    length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        out[written++] = digits[i];
        if ((length - i) % 3 == 1 && i + 1 < length && digits[i] != '-')
            out[written++] = ',';
    }
    out[written] = '\0';
    return out;
}

/* With one digit after the point below 10, unless it is a whole number of units; with none from there on. */
static const char *scaled(char *out, int64_t count, int64_t scale, const char *unit)
{
    double value = (double)count / (double)scale;

    snprintf(out, NUMBER_FORMAT_SIZE, value < 9.95 && count % scale ? "%.1f%s" : "%.0f%s", value, unit);
    return out;
}

const char *number_format_short(char *out, int64_t count)
{
    if (count < 1000)
        snprintf(out, NUMBER_FORMAT_SIZE, "%" PRId64, count);
    else if (count < 999500)
        scaled(out, count, 1000, "k");
    else
        scaled(out, count, 1000000, "M");
    return out;
}

const char *number_format_bytes(char *out, int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
    double value = (double)bytes / 1000;
    size_t unit = 0;

    if (bytes < 1000) {
        snprintf(out, NUMBER_FORMAT_SIZE, "%" PRId64 " byte%s", bytes, bytes == 1 ? "" : "s");
        return out;
    }
    while (value >= 999.95 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1000;
        unit++;
    }
    snprintf(out, NUMBER_FORMAT_SIZE, "%.1f %s", value, units[unit]);
    return out;
}

const char *number_format_duration(char *out, double seconds)
{
    int whole = seconds < 3600 ? (int)(seconds + 0.5) : 3600;

    if (seconds < 59.95)
        snprintf(out, NUMBER_FORMAT_SIZE, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(out, NUMBER_FORMAT_SIZE, "%d min %d s", whole / 60, whole % 60);
    else
        snprintf(out, NUMBER_FORMAT_SIZE, "%.1f h", seconds / 3600);
    return out;
}

const char *number_format_share(char *out, int64_t part, int64_t whole)
{
    double share = whole ? 100.0 * (double)part / (double)whole : 0;

    if (part == 0 || part == whole)
        snprintf(out, NUMBER_FORMAT_SIZE, "%s", part && whole ? "100%" : "0%");
    else if (share < 0.1)
        snprintf(out, NUMBER_FORMAT_SIZE, "under 0.1%%");
    else if (share > 99.9)
        snprintf(out, NUMBER_FORMAT_SIZE, "over 99.9%%");
    else
        snprintf(out, NUMBER_FORMAT_SIZE, share < 9.95 || share > 99 ? "%.1f%%" : "%.0f%%", share);
    return out;
}
