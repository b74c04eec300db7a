#include "common/clock.h"

#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

double clock_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double clock_unix_seconds(void)
{
    return seconds_of(CLOCK_REALTIME);
}
