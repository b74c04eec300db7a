/* Output folders that have their final name only when they are complete.
 *
 * A folder is filled as DIR/.NAME.th.part under an exclusive lock. After fsync() it gets its final name in one step.
 * output_file_sweep() removes what killed processes left. */
#ifndef COMMON_OUTPUT_OUTPUT_FOLDER_H
#define COMMON_OUTPUT_OUTPUT_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct output_folder;

/* Creates the temporary folder for final_path; a folder at final_path stays until the commit. 0 and *folder, or -1 and
 * error (io, disk_full). */
int output_folder_open(struct output_folder **folder, const char *final_path, struct error *error);

/* Writes a file of size bytes into the folder. 0, or -1 and error. */
int output_folder_add(struct output_folder *folder, const char *name, const void *data, size_t size,
                      struct error *error);

/* Renames the folder to its final path and removes an old one there. bytes gets the size of its files. Frees *folder
 * and leaves NULL in both cases. 0, or -1 and error; then there is no new folder. */
int output_folder_commit(struct output_folder **folder, int64_t *bytes, struct error *error);

/* Removes the temporary folder, frees *folder and leaves NULL; takes NULL. */
void output_folder_abort(struct output_folder **folder);

/* Removes the folder name within dir_fd and its files, unless a process has it locked. */
void output_folder_remove(int dir_fd, const char *name);

#endif
