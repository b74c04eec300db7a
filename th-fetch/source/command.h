/* Runs a command with an argument vector, never through a shell, and gathers what it prints. */
#ifndef TH_FETCH_SOURCE_COMMAND_H
#define TH_FETCH_SOURCE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct command_output {
    int status;      /* as waitpid() gives it */
    bool is_endless; /* it was killed, for it printed too much */
    char *out, *err; /* all of stdout, the end of stderr; NUL-ended, NULL when empty */
    size_t out_length;
};

/* Exit status of a command that could not be started, as the shell has it. */
enum { COMMAND_NOT_RUN = 127 };

/* Whether the command is there to be run: a path, or a name in one of the folders of PATH. */
bool command_exists(const char *name);

/* Runs words (ended by NULL) with stdin from /dev/null, and waits for the end. Of the caller's descriptors it inherits
 * only kept_fd (-1: none). To be called in a child made for it: when the child is killed or its parent dies, all
 * that the command started in the child's process group is killed with it. 0 (command_output_clear), or -1 when it
 * could not be tried. */
int command_run(const char *const *words, int kept_fd, struct command_output *output);

/* Frees its texts. */
void command_output_clear(struct command_output *output);

#endif
