/* The progress lines of all stages of a pipe, on one terminal.
 *
 * The stages of a pipe are separate processes that share a terminal and a process group. They keep their lines in a
 * small piece of shared memory named after both, and whoever writes redraws all of them under a lock: so no stage
 * writes over another, and messages scroll above the lines. */
#ifndef COMMON_STAGE_PROGRESS_H
#define COMMON_STAGE_PROGRESS_H

#include <stdbool.h>

struct progress;

/* Joins the progress of terminal fd, making it when there is none. NULL when shared memory cannot be had, or fd is no
 * terminal. */
struct progress *progress_open(int fd);

/* Leaves the progress; the last one to leave removes it. Leaves NULL; takes NULL. */
void progress_close(struct progress **progress);

/* Draws text (one line, cut to the terminal's width) as this process's line. `last`: it stays on the screen as a line
 * of its own, above those that go on. */
void progress_set(struct progress *progress, const char *text, bool last);

/* Prints text as a line above the lines. */
void progress_print(struct progress *progress, const char *text);

#endif
