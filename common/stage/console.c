#include "common/stage/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/stage/progress.h"
#include "common/text.h"

enum { MESSAGE_MAX = 2048, PROGRESS_MAX = 200 };

static const double terminal_interval = 0.1, plain_interval = 10; /* seconds between two progress lines */

struct console {
    const char *program;
    int verbosity;
    bool shows_progress;
    struct progress *progress; /* NULL when stderr is no terminal or progress is off */
    double began, drawn;       /* clock_seconds(); drawn 0: not yet */
};

struct console *console_alloc(const char *program, int verbosity, enum progress_mode mode)
{
    struct console *console = calloc(1, sizeof *console);
    bool is_terminal = isatty(STDERR_FILENO);

    if (!console)
        return NULL;
    console->program = program;
    console->verbosity = verbosity;
    console->shows_progress = mode == PROGRESS_ALWAYS || (mode == PROGRESS_AUTO && is_terminal && verbosity >= 0);
    if (console->shows_progress && is_terminal)
        console->progress = progress_open(STDERR_FILENO); /* NULL: plain lines */
    console->began = clock_seconds();
    return console;
}

void console_free(struct console **console)
{
    if (!*console)
        return;
    progress_close(&(*console)->progress);
    free(*console);
    *console = NULL;
}

bool console_shows(const struct console *console, enum console_level level)
{
    return (int)level <= console->verbosity + CONSOLE_WARNING;
}

/* Writes text as one line to stderr. Errors cannot be reported anywhere. */
static void write_line(struct console *console, const char *text)
{
    if (console->progress)
        progress_print(console->progress, text);
    else
        dprintf(STDERR_FILENO, "%s\n", text);
}

void console_say(struct console *console, enum console_level level, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list arguments;
    int length;

    if (!console_shows(console, level))
        return;
    length = snprintf(text, sizeof text, "%s: ", console->program);
    va_start(arguments, format);
    if (vsnprintf(text + length, sizeof text - (size_t)length, format, arguments) < 0)
        text[length] = '\0';
    va_end(arguments);
    text_make_plain(text);
    write_line(console, text);
}

/* "1:02:03" or "2:03" for a number of seconds. */
static void format_time(double seconds, char *out, size_t size)
{
    long whole = seconds < 0 ? 0 : (long)(seconds + 0.5);

    if (whole >= 3600)
        snprintf(out, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(out, size, "%ld:%02ld", whole / 60, whole % 60);
}

static void format_progress(const struct console *console, const struct tally *tally, const char *unit, double time,
                            char *out, size_t size)
{
    int64_t done = tally->ok + tally->failed + tally->skipped;
    double elapsed = time - console->began, rate = elapsed > 0 ? (double)done / elapsed : 0;
    char clock[32], total[32] = "", left[64] = "";

    format_time(elapsed, clock, sizeof clock);
    if (tally->total > 0) {
        snprintf(total, sizeof total, "/%lld", (long long)tally->total);
        if (rate > 0 && done < tally->total) {
            char rest[32];

            format_time((double)(tally->total - done) / rate, rest, sizeof rest);
            snprintf(left, sizeof left, ", %s left", rest);
        }
    }
    snprintf(out, size, "%s: %lld%s %s, %lld failed, %lld skipped, %.1f/s, %s%s", console->program, (long long)done,
             total, unit, (long long)tally->failed, (long long)tally->skipped, rate, clock, left);
}

void console_progress(struct console *console, const struct tally *tally, const char *unit, bool last)
{
    char text[PROGRESS_MAX];
    double time = clock_seconds(), interval = console->progress ? terminal_interval : plain_interval;
    double since = console->drawn > 0 ? console->drawn : (console->progress ? 0 : console->began);

    if (!console->shows_progress || (!last && time - since < interval))
        return;
    console->drawn = time;
    format_progress(console, tally, unit, time, text, sizeof text);
    if (console->progress)
        progress_set(console->progress, text, last);
    else
        write_line(console, text);
}
