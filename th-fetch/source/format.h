/* Which format of a page the default resolver chooses. Pure. */
#ifndef TH_FETCH_SOURCE_FORMAT_H
#define TH_FETCH_SOURCE_FORMAT_H

#include <stdint.h>

#include "th-fetch/options.h"

/* yt-dlp's --format, in new memory, NULL when out of memory. listed_height: pixels of the picture that the tube list
 * was made from; a format in segments that is as high is chosen before a plain one that is lower. 0: not known. */
char *format_choose(const struct fetch_settings *settings, int64_t listed_height);

#endif
