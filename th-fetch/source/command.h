/* Runs a command with an argument vector, never through a shell, and gathers what it prints. */
#ifndef TH_FETCH_SOURCE_COMMAND_H
#define TH_FETCH_SOURCE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "common/stage/jobs.h"

struct command_output {
    int status;      /* as waitpid() gives it */
    bool is_endless; /* it was killed because it printed more than 8 MiB */
    char *out, *err; /* all of stdout (nothing with a job), the end of stderr; NUL-ended, NULL when empty */
    size_t out_length;
};

/* Exit status of a command that could not be started, as in a shell. */
enum { COMMAND_NOT_RUN = 127 };

/* Whether name, a path or a name in a folder of PATH, is a program that can be run. */
bool command_exists(const char *name);

/* With job (NULL: none), each output of the command is a sign of life of the job, and stdout is not kept.
 *
 * Runs words (ended by NULL) with stdin from /dev/null, and waits for the end. The command inherits no descriptor but
 * kept_fd (-1: none). To be called in a child of its own, which leads a process group: when the child gets SIGTERM or
 * its parent dies, the whole group is killed. 0 (command_output_clear), or -1 when no process could be made or
 * memory ran out. */
int command_run(const char *const *words, int kept_fd, struct job *job, struct command_output *output);

/* Frees its texts. */
void command_output_clear(struct command_output *output);

#endif
