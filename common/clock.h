/* Monotonic time. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

/* Seconds on CLOCK_MONOTONIC; only differences are meaningful. */
double clock_seconds(void);

#endif
