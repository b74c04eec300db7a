/* Messages and progress on stderr, which may be a terminal shared with the other stages of the pipe. */
#ifndef COMMON_STAGE_CONSOLE_H
#define COMMON_STAGE_CONSOLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum console_level { CONSOLE_ERROR, CONSOLE_WARNING, CONSOLE_INFO, CONSOLE_DEBUG };
enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct console;

/* A stage's counts. Finished items = ok + failed + skipped. */
struct tally {
    int64_t total; /* 0 when unknown */
    int64_t ok, failed, skipped;
    int64_t may_be_mended; /* failed and skipped ones with retry */
    int64_t bad_lines;     /* input lines and list rows that could not be read */
};

/* program is the name before each message and must outlive the console. verbosity: -1 errors only, 0 also warnings, 1
 * info, 2 debug. NULL when out of memory. */
struct console *console_alloc(const char *program, int verbosity, enum progress_mode mode);

/* Frees and leaves NULL; takes NULL. */
void console_free(struct console **console);

/* Prints one message, "program: text\n", in one write. Control characters become `?`. */
void console_say(struct console *console, enum console_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True when a message of that level would be shown. */
bool console_shows(const struct console *console, enum console_level level);

/* Prints the progress line, at most ten times a second on a terminal and every ten seconds elsewhere. `last` prints it
 * in any case, and it stays. unit is the plural of what is counted ("clips"). */
void console_progress(struct console *console, const struct tally *tally, const char *unit, bool last);

#endif
