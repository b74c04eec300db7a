/* A hidden folder within the output folder, in which the child of one job writes. The parent gives what is complete its
 * final name, so a child that opens foreign media needs no right to write elsewhere (sandbox.h).
 *
 * Each has a name of its own, so that two runs never write to the same file: DIR/.th.part-XXXXXX. While its process
 * lives, that holds a lock (flock) on the file DIR/.th.part-XXXXXX.lock, which is there before the folder and after it:
 * network file systems have no locks on folders. output_file_sweep() removes what dead processes left. */
#ifndef COMMON_OUTPUT_WORK_FOLDER_H
#define COMMON_OUTPUT_WORK_FOLDER_H

#include <stdbool.h>

#include "common/error.h"

struct work_folder;

/* Makes one in the folder dir. 0 and *folder, or -1 and error (io, disk_full). */
int work_folder_open(struct work_folder **folder, const char *dir, struct error *error);

/* Its path; owned by folder. */
const char *work_folder_path(const struct work_folder *folder);

/* Moves what has the last name of path out of the folder, to path. It replaces a file by a file, and a folder by a
 * folder. 0, or -1 and error. */
int work_folder_take(const struct work_folder *folder, const char *path, struct error *error);

/* Syncs dir, so that the names of what was taken survive a power cut. 0, or -1 and error. */
int work_folder_sync(const struct work_folder *folder, struct error *error);

/* Removes the folder with all that is left in it, frees it and leaves NULL; takes NULL. */
void work_folder_close(struct work_folder **folder);

/* Whether name is that of such a folder or of its lock. */
bool work_folder_is_name(const char *name);

/* Removes the folder or the lock of that name in dir_fd, and the other one of the two, when their process is dead.
 * Where there are no locks, a process counts as dead after a day. */
void work_folder_sweep(int dir_fd, const char *name);

/* Removes a file, or a folder with all that is in it. What cannot be removed stays. */
void work_folder_remove(int dir_fd, const char *name);

#endif
