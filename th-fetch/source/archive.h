/* Files of this machine as a source: file: URLs, and the folder that a --url-template of such URLs names. */
#ifndef TH_FETCH_SOURCE_ARCHIVE_H
#define TH_FETCH_SOURCE_ARCHIVE_H

#include <sys/stat.h>

#include "common/error.h"

/* 0 when the file: URL names a regular file that can be read, otherwise -1 and error: no_format (it is a folder, a
 * device or a pipe, which may never end), io. A missing file is io, not gone: a disk may not be mounted. */
int archive_check_file(const char *url, struct stat *facts, struct error *error);

/* 0 when the folder before the first {id} of url_template is there, or when url_template (NULL: none) does not name
 * files; otherwise -1 and error (io) names the folder. */
int archive_check_folder(const char *url_template, struct error *error);

#endif
