/* Files that are complete as soon as they bear their final name.
 *
 * A file is written as DIR/.NAME.th.part under an exclusive lock (flock), and gets its final name by rename() after all
 * of it is on the disk. What a killed process left is cleared away by output_file_sweep(). */
#ifndef COMMON_OUTPUT_OUTPUT_FILE_H
#define COMMON_OUTPUT_OUTPUT_FILE_H

#include <stdint.h>

#include "common/error.h"

struct output_file;

/* Begins to write the file that will be final_path (a file there stays until the commit). 0 and *file, or -1 and error
 * (io, disk_full). When another process is writing the same file, error is io and says so. */
int output_file_open(struct output_file **file, const char *final_path, struct error *error);

/* Its descriptor, for reading, writing and seeking; owned by file. */
int output_file_fd(const struct output_file *file);

/* Where it is until the commit; owned by file. */
const char *output_file_temporary(const struct output_file *file);

/* Syncs, renames to the final path, syncs the folder, closes, checks each step, frees *file and leaves NULL. bytes (may
 * be NULL) gets the size. 0, or -1 and error; on failure the temporary file is removed. */
int output_file_commit(struct output_file **file, int64_t *bytes, struct error *error);

/* Removes the temporary file, frees *file and leaves NULL; takes NULL. */
void output_file_abort(struct output_file **file);

/* Makes dir and its parents when missing, checks that files can be made in it, and removes the temporary files and
 * folders (output_folder.h) whose writers are gone. 0, or -1 and error (io, disk_full). */
int output_file_sweep(const char *dir, struct error *error);

#endif
