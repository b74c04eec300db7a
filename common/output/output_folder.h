/* Folders of files that are complete as soon as they bear their final name.
 *
 * A folder is filled as DIR/.NAME.th.part under an exclusive lock, and gets its final name in one step after all of it
 * is on the disk. What a killed process left is cleared away by output_file_sweep(). */
#ifndef COMMON_OUTPUT_OUTPUT_FOLDER_H
#define COMMON_OUTPUT_OUTPUT_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct output_folder;

/* Begins the folder that will be final_path (one that is there stays until the commit). 0 and *folder, or -1 and error
 * (io, disk_full). */
int output_folder_open(struct output_folder **folder, const char *final_path, struct error *error);

/* Writes a file of size bytes into it. 0, or -1 and error. */
int output_folder_add(struct output_folder *folder, const char *name, const void *data, size_t size,
                      struct error *error);

/* Gives the folder its name; what bore it is removed. bytes gets the size of its files. Frees *folder and leaves NULL
 * in any case. 0, or -1 and error; then there is no new folder. */
int output_folder_commit(struct output_folder **folder, int64_t *bytes, struct error *error);

/* Removes what was begun, frees *folder and leaves NULL; takes NULL. */
void output_folder_abort(struct output_folder **folder);

/* Removes the folder name within dir_fd and the files in it, unless a process is filling it. */
void output_folder_remove(int dir_fd, const char *name);

#endif
