/* Output files and folders that have their final name only when they are complete.
 *
 * They are written as DIR/.NAME.th.part under an exclusive lock (flock). After fsync() they get their final name by
 * rename(). output_file_sweep() removes what killed processes left. */
#ifndef COMMON_OUTPUT_OUTPUT_FILE_H
#define COMMON_OUTPUT_OUTPUT_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"

struct output_file; /* or a folder */

/* Opens the temporary file for final_path; a file at final_path stays until the commit. 0 and *file, or -1 and error
 * (io, disk_full). If another process is writing the same file, error is io and says so. */
int output_file_open(struct output_file **file, const char *final_path, struct error *error);

/* The same for a folder, which output_file_add fills. */
int output_file_open_folder(struct output_file **folder, const char *final_path, struct error *error);

/* Its descriptor, for reading, writing and seeking; owned by file. */
int output_file_fd(const struct output_file *file);

/* The path of the temporary file; owned by file. */
const char *output_file_temporary(const struct output_file *file);

/* Writes a file of size bytes into the folder. 0, or -1 and error. */
int output_file_add(struct output_file *folder, const char *name, const void *data, size_t size, struct error *error);

/* Syncs, renames to the final path, syncs the parent folder, closes, checks each step, frees *file and leaves NULL. A
 * folder at the final path is replaced. bytes (may be NULL) gets the size of the file, or of the folder's files. 0, or
 * -1 and error; on failure the temporary file is removed. */
int output_file_commit(struct output_file **file, int64_t *bytes, struct error *error);

/* Removes the temporary file or folder, frees *file and leaves NULL; takes NULL. */
void output_file_abort(struct output_file **file);

/* Removes the folder name within dir_fd and its files, unless a process has it locked. */
void output_file_remove_folder(int dir_fd, const char *name);

/* Creates dir and its parents, checks that files can be created in it, and removes temporary files and folders whose
 * writers have died. 0, or -1 and error (io, disk_full). */
int output_file_sweep(const char *dir, struct error *error);

/* The same for a folder of notes in an output folder, which no user makes. A symbolic link is an error: it would lead
 * elsewhere. */
int output_file_sweep_notes(const char *dir, struct error *error);

/* Opens a file of notes for reading; of a symbolic link it reads nothing. fclose(). NULL and errno on failure. */
FILE *output_file_read_notes(const char *path);

#endif
