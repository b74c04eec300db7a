/* Messages and progress on stderr, which may be a terminal shared with the other stages of the pipe. */
#ifndef COMMON_STAGE_CONSOLE_H
#define COMMON_STAGE_CONSOLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/stage/progress_text.h"

enum console_level { CONSOLE_ERROR, CONSOLE_WARNING, CONSOLE_INFO, CONSOLE_DEBUG };
enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct console;

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

/* Counts bytes that were received, for the progress line. */
void console_received(struct console *console, int64_t bytes);

/* Updates the progress line, on a terminal at most ten times a second; elsewhere one for all stages is printed every
 * minute. `last`: the stage has ended. unit is the plural of what is counted ("clips"). */
void console_progress(struct console *console, const struct tally *tally, const char *unit, bool last);

#endif
