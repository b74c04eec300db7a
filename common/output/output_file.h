/* Output files that have their final name only when they are complete.
 *
 * They are written as DIR/.NAME.th.part under an exclusive lock (flock). After fsync() they get their final name by
 * rename(). output_file_sweep() removes what killed processes left. */
#ifndef COMMON_OUTPUT_OUTPUT_FILE_H
#define COMMON_OUTPUT_OUTPUT_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
 * be NULL) gets the size of the file. 0, or -1 and error; on failure the temporary file is removed. */
int output_file_commit(struct output_file **file, int64_t *bytes, struct error *error);

/* Removes the temporary file, frees *file and leaves NULL; takes NULL. */
void output_file_abort(struct output_file **file);

/* Creates dir and its parents, checks that files can be created in it, and removes temporary files and folders of work
 * (work_folder.h) whose writers have died. 0, or -1 and error (io, disk_full). */
int output_file_sweep(const char *dir, struct error *error);

/* The same for a folder of notes in an output folder, which no user makes. A symbolic link is an error: it would lead
 * elsewhere. */
int output_file_sweep_notes(const char *dir, struct error *error);

/* Opens a file of notes for reading; of a symbolic link it reads nothing. fclose(). NULL and errno on failure. */
FILE *output_file_read_notes(const char *path);

#endif
