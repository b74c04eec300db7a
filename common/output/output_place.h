/* Where an output is to stand, and what it is called until it is whole: DIR/.NAME.th.part for DIR/NAME. */
#ifndef COMMON_OUTPUT_OUTPUT_PLACE_H
#define COMMON_OUTPUT_OUTPUT_PLACE_H

#include <stdbool.h>

#include "common/error.h"

struct output_place {
    int dir_fd;           /* the folder, which the names are within; -1: not open */
    char *path;           /* DIR/NAME */
    char *name;           /* NAME */
    char *temporary_name; /* .NAME.th.part */
    char *temporary_path; /* DIR/.NAME.th.part */
};

/* Opens the folder of path. 0, or -1 and error (io); output_place_close in both cases. */
int output_place_open(struct output_place *place, const char *path, struct error *error);

/* Closes the folder and frees the names. */
void output_place_close(struct output_place *place);

/* Syncs the folder, after which a name that was given in it stays. 0, or -1 and error. */
int output_place_sync(const struct output_place *place, struct error *error);

/* Locks what is open as fd (flock), so that no other process takes it for left over. A process that was killed may hold
 * it for a moment longer; that is waited for, a second at most. Succeeds on file systems without locks
 * (output_place_lock_fault).
 * 0, or -1 and error (io). */
int output_place_lock(const struct output_place *place, int fd, struct error *error);

/* Tries a lock on a new file in the folder dir. 0 when it works or cannot be tried, otherwise the errno of flock(). */
int output_place_lock_fault(const char *dir);

/* Whether name is one that an output has until it is whole. */
bool output_place_is_temporary(const char *name);

/* For what is written at the end and should be refused at the beginning: 0 when files can be made in the folder of
 * path, otherwise -1 and errno. */
int output_place_check(const char *path);

#endif
