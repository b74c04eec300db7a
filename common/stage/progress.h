/* The progress lines of all stages of a pipe, on one terminal.
 *
 * The stages of a pipe are separate processes that share a terminal and a process group. They keep their lines in
 * shared memory named after both. A stage that writes redraws all lines under a lock, so no stage overwrites another,
 * and messages scroll above the lines. */
#ifndef COMMON_STAGE_PROGRESS_H
#define COMMON_STAGE_PROGRESS_H

#include <stdbool.h>

struct progress;

/* Joins the progress lines of terminal fd, or begins them. NULL when fd is no terminal or there is no shared memory or
 * free line. */
struct progress *progress_open(int fd);

/* Removes this process's line; the last process removes the shared memory. Leaves NULL; takes NULL. */
void progress_close(struct progress **progress);

/* Draws text (one line, cut to the terminal's width) as this process's line. `last`: it stays on the screen, above the
 * lines of the other processes. */
void progress_set(struct progress *progress, const char *text, bool last);

/* Prints text above the progress lines. */
void progress_print(struct progress *progress, const char *text);

#endif
