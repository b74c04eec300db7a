#include "common/stage/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/stage/progress.h"
#include "common/text.h"

enum { MESSAGE_MAX = 2048, SPEED_SPAN = 5 /* seconds */ };

static const double redraw_interval = 0.1, plain_interval = 60; /* seconds between two progress lines */

struct sample {
    double time;
    int64_t bytes;
};

struct console {
    const char *program;
    int verbosity;
    bool shows_progress;
    struct progress *progress;    /* NULL when it is off or cannot be shared with the other stages */
    double began, drawn, written; /* clock_seconds(); drawn 0: not yet; written: a line where progress is NULL */
    int64_t bytes;                /* received */
    struct sample samples[2];     /* of the bytes: the older and the newer one */
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
    if (console->shows_progress)
        console->progress = progress_open(STDERR_FILENO, plain_interval);
    console->began = console->written = clock_seconds();
    console->samples[0].time = console->samples[1].time = console->began;
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

void console_received(struct console *console, int64_t bytes)
{
    console->bytes += bytes;
}

/* The bytes a second of the newest five to ten seconds. */
static double measure_speed(struct console *console, double time)
{
    struct sample *older = &console->samples[0], *newer = &console->samples[1];

    if (time - newer->time >= SPEED_SPAN) {
        *older = *newer;
        *newer = (struct sample){time, console->bytes};
    }
    return time > older->time ? (double)(console->bytes - older->bytes) / (time - older->time) : 0;
}

void console_progress(struct console *console, const struct tally *tally, const char *unit, bool last)
{
    struct progress_facts facts = {console->program, unit, tally, .bytes = console->bytes, .is_last = last};
    struct progress_text text;
    double time = clock_seconds();

    if (!console->shows_progress || (!last && time - console->drawn < redraw_interval))
        return;
    console->drawn = time;
    facts.elapsed = time - console->began;
    facts.speed = measure_speed(console, time);
    progress_text_make(&text, &facts);
    if (console->progress) {
        progress_set(console->progress, &text, last);
    } else if (last || time - console->written >= plain_interval) {
        console->written = time;
        write_line(console, text.line);
    }
}
