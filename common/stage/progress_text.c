#include "common/stage/progress_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/number.h"

enum { ELAPSED_MIN = 2 }; /* seconds from which on the time left is estimated */

static void append(struct progress_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void append(struct progress_text *text, const char *format, ...)
{
    size_t length = strlen(text->line);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text->line + length, sizeof text->line - length, format, arguments);
    va_end(arguments);
}

static void append_count(struct progress_text *text, int64_t count)
{
    char number[NUMBER_TEXT];

    number_write_count(number, count);
    append(text, "%s", number);
}

static void append_bytes(struct progress_text *text, int64_t bytes)
{
    char number[NUMBER_TEXT];

    number_write_bytes(number, bytes);
    append(text, "%s", number);
}

static void append_left(struct progress_text *text, double seconds)
{
    if (seconds < 90)
        append(text, "  about %.0f s left", seconds);
    else if (seconds < 90 * 60)
        append(text, "  about %.0f min left", seconds / 60);
    else if (seconds < 48 * 3600)
        append(text, "  about %.0f h left", seconds / 3600);
    else
        append(text, "  about %.0f days left", seconds / 86400);
}

void progress_text_clock(char *out, int size, double seconds)
{
    long whole = seconds < 0 ? 0 : (long)(seconds + 0.5);

    if (whole >= 3600)
        snprintf(out, (size_t)size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(out, (size_t)size, "%ld:%02ld", whole / 60, whole % 60);
}

static void append_failed(struct progress_text *text, int64_t failed)
{
    append(text, "  ");
    text->red = (int)strlen(text->line);
    append_count(text, failed);
    append(text, " failed");
    text->red_end = (int)strlen(text->line);
}

void progress_text_make(struct progress_text *text, const struct progress_facts *facts)
{
    const struct tally *tally = facts->tally;
    int64_t done = tally->ok + tally->failed + tally->skipped, worked = tally->ok - tally->cached + tally->failed;
    char clock[32];

    *text = (struct progress_text){0};
    append(text, "%-9s ", facts->program);
    append_count(text, done);
    if (tally->total >= done && tally->total > 0) {
        append(text, "/");
        append_count(text, tally->total);
    }
    append(text, " %s", facts->unit);
    if (tally->failed)
        append_failed(text, tally->failed);
    if (tally->skipped) {
        append(text, "  ");
        append_count(text, tally->skipped);
        append(text, " skipped");
    }
    if (facts->bytes) {
        append(text, "  ");
        append_bytes(text, facts->bytes);
    }
    if (facts->is_last) {
        progress_text_clock(clock, sizeof clock, facts->elapsed);
        append(text, "  in %s", clock);
        return;
    }
    if (facts->bytes) {
        append(text, "  ");
        append_bytes(text, (int64_t)facts->speed);
        append(text, "/s");
    }
    if (worked > 0 && done < tally->total && facts->elapsed >= ELAPSED_MIN)
        append_left(text, facts->elapsed / (double)worked * (double)(tally->total - done));
}
