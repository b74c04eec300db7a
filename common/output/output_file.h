/* Output files that have their final name only when they are complete.
 *
 * A file is written as DIR/.NAME.th.part under an exclusive lock (flock). After fsync() it gets its final name by
 * rename(). output_file_sweep() removes what killed processes left. */
#ifndef COMMON_OUTPUT_OUTPUT_FILE_H
#define COMMON_OUTPUT_OUTPUT_FILE_H

#include <stdint.h>

#include "common/error.h"

struct output_file;

/* Opens the temporary file for final_path; a file at final_path stays until the commit. 0 and *file, or -1 and error
 * (io, disk_full). If another process is writing the same file, error is io and says so. */
int output_file_open(struct output_file **file, const char *final_path, struct error *error);

/* Its descriptor, for reading, writing and seeking; owned by file. */
int output_file_fd(const struct output_file *file);

/* The path of the temporary file; owned by file. */
const char *output_file_temporary(const struct output_file *file);

/* Syncs, renames to the final path, syncs the folder, closes, checks each step, frees *file and leaves NULL. bytes (may
 * be NULL) gets the size. 0, or -1 and error; on failure the temporary file is removed. */
int output_file_commit(struct output_file **file, int64_t *bytes, struct error *error);

/* Removes the temporary file, frees *file and leaves NULL; takes NULL. */
void output_file_abort(struct output_file **file);

/* Creates dir and its parents, checks that files can be created in it, and removes temporary files and folders
 * (output_folder.h) whose writers have died. 0, or -1 and error (io, disk_full). */
int output_file_sweep(const char *dir, struct error *error);

#endif
