/* Time for measuring, not for the calendar. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

/* Seconds on a clock that never jumps; only differences mean something. */
double clock_seconds(void);

#endif
