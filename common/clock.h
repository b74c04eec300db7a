/* Time in seconds. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

/* Seconds on CLOCK_MONOTONIC; only differences are meaningful. */
double clock_seconds(void);

/* Seconds since 1970 (CLOCK_REALTIME), to compare with times that others name. It may be set back. */
double clock_unix_seconds(void);

#endif
