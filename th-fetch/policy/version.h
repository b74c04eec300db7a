/* The age of a yt-dlp, whose version is the day when it was made. A pure function. */
#ifndef TH_FETCH_POLICY_VERSION_H
#define TH_FETCH_POLICY_VERSION_H

#include <time.h>

enum { VERSION_DAYS_MAX = 90 /* an older one is told about; yt-dlp itself warns at the same age */ };

/* Days from the date with which version begins (YYYY.MM.DD) to now; 0 when it is in the future. -1: there is no date.
 */
int version_age(const char *version, time_t now);

#endif
