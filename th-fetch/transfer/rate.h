/* A token bucket that limits the bytes a second of all transfers together. `now` is seconds on any monotonic clock. */
#ifndef TH_FETCH_TRANSFER_RATE_H
#define TH_FETCH_TRANSFER_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate {
    int64_t limit;    /* bytes a second, 0: none */
    double allowance; /* bytes; below 0 when more was taken than was there */
    double counted;   /* the time for which allowance holds */
};

/* Begins with a full bucket, which holds what comes in a quarter of a second. */
void rate_init(struct rate *rate, int64_t limit, double now);

/* Takes bytes, however many, and returns true when there is any allowance; the next call then waits for what was taken
 * too much. */
bool rate_take(struct rate *rate, size_t bytes, double now);

/* Seconds until rate_take returns true, 0: it does now. */
double rate_wait(const struct rate *rate, double now);

#endif
