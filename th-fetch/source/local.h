/* Files of this machine as a source. */
#ifndef TH_FETCH_SOURCE_LOCAL_H
#define TH_FETCH_SOURCE_LOCAL_H

#include "common/error.h"

/* 0 when the file: URL names a regular file that can be read; otherwise -1 and error: gone (there is none), no_format
 * (it is a folder, a device, a pipe: something that need not end), io. */
int local_check(const char *url, struct error *error);

#endif
