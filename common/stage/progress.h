/* The progress lines of all stages of a pipe, on one terminal or in one file.
 *
 * The stages of a pipe are separate processes that share stderr and a process group. They keep their lines in shared
 * memory named after both. On a terminal a stage that writes redraws all lines under a lock, so no stage overwrites
 * another, and messages scroll above the lines. In a file, or on a terminal without escape sequences (TERM=dumb), one
 * of them writes one line for all stages at times. */
#ifndef COMMON_STAGE_PROGRESS_H
#define COMMON_STAGE_PROGRESS_H

#include <stdbool.h>

#include "common/stage/progress_text.h"

struct progress;

/* Joins the progress lines of fd, or begins them. interval: seconds between two lines in a file. NULL when there is no
 * shared memory or no free line. */
struct progress *progress_open(int fd, double interval);

/* The last process removes the shared memory. Before that it writes the last line into a file. Leaves NULL; takes NULL.
 */
void progress_close(struct progress **progress);

/* Sets this process's line, cut to the terminal's width. Lines stand in the order in which the processes were started.
 * `last`: the line stays on the screen when the process has ended. */
void progress_set(struct progress *progress, const struct progress_text *text, bool last);

/* Prints text above the progress lines. */
void progress_print(struct progress *progress, const char *text);

#endif
