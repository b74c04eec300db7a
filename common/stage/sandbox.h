/* Takes from a child process all rights that its work does not need, before it opens foreign media: Landlock limits the
 * files, seccomp the system calls. A kernel without one of them gives what it has.
 *
 * The environment variable TH_SANDBOX=off takes nothing, for debuggers and sanitizers. */
#ifndef COMMON_STAGE_SANDBOX_H
#define COMMON_STAGE_SANDBOX_H

#include <stdbool.h>

/* What the process may reach. */
struct sandbox {
    int ruleset; /* of Landlock; -1: none */
    int kept_fd; /* a descriptor that the work needs beside the job's own; -1: none */
};

/* Why children are not fully closed in on this machine; NULL: they are. */
const char *sandbox_lack(void);

/* Begins without any file, and without a kept descriptor. */
void sandbox_open(struct sandbox *sandbox);

/* Lets the process read a file, or a folder with all that is in it. NULL and what does not exist are passed over. */
void sandbox_read(struct sandbox *sandbox, const char *path);

/* Lets it read and write a file, or make, rename and remove all that is in a folder. */
void sandbox_write(struct sandbox *sandbox, const char *path);

/* Closes the sandbox for this process and its later threads, for good, and frees what sandbox_open made. A system call
 * that is not allowed then writes "!NUMBER\n" to the descriptor `reports` and ends the process. 0, or -1 and errno. */
int sandbox_enter(struct sandbox *sandbox, int reports);

/* The name of the system call of that number (free()); NULL when it has none. */
char *sandbox_call_name(int number);

#endif
