/* The final and the temporary name of an output: DIR/NAME and DIR/.NAME.th.part. */
#ifndef COMMON_OUTPUT_OUTPUT_PLACE_H
#define COMMON_OUTPUT_OUTPUT_PLACE_H

#include <stdbool.h>

#include "common/error.h"

struct output_place {
    int dir_fd;                        /* DIR; -1: not open */
    char *path;                        /* DIR/NAME */
    char *temporary_path;              /* DIR/.NAME.th.part */
    const char *name, *temporary_name; /* NAME and .NAME.th.part, within these */
};

/* Opens the folder of path. 0, or -1 and error (io). Call output_place_close in both cases. */
int output_place_open(struct output_place *place, const char *path, struct error *error);

/* Closes the folder and frees the names. */
void output_place_close(struct output_place *place);

/* fsync() of a folder; one whose file system cannot do that counts as synced. 0, or -1 and errno. */
int output_place_sync_fd(int fd);

/* Opens and syncs the folder dir. 0, or -1 and error (io). */
int output_place_sync_dir(const char *dir, struct error *error);

/* Syncs the folder, so that a rename in it survives a crash. 0, or -1 and error. */
int output_place_sync(const struct output_place *place, struct error *error);

/* Locks fd (flock), waiting up to wait_ms milliseconds for another process. 0, also on file systems without locks
 * (output_place_lock_fault); or -1 when the other process still has the lock. */
int output_place_lock_fd(int fd, int wait_ms);

/* The same for a temporary file, so that no other process's sweep removes the file. Waits up to one second, because
 * a killed process may hold the lock a moment longer. 0, or -1 and error (io). */
int output_place_lock(const struct output_place *place, int fd, struct error *error);

/* Tries a lock on a new file in the folder dir. 0 when it works or cannot be tried, otherwise the errno of flock(). */
int output_place_lock_fault(const char *dir);

/* Whether name in the folder dir_fd is the file behind fd. Ask after the lock is held: whoever held it before may have
 * renamed or removed the file. */
bool output_place_names(int dir_fd, const char *name, int fd);

/* Whether name is the temporary name of an output. */
bool output_place_is_temporary(const char *name);

/* 0 when files can be created in the folder of path, otherwise -1 and errno. For files that are written at the end of a
 * run, to fail at its beginning. */
int output_place_check(const char *path);

#endif
