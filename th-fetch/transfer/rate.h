/* A limit to the bytes a second of all transfers together: allowance comes with time, and is used up by bytes. Knows no
 * clock of its own: `now` is seconds on any clock that only goes forward. */
#ifndef TH_FETCH_TRANSFER_RATE_H
#define TH_FETCH_TRANSFER_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rate {
    int64_t limit;    /* bytes a second, 0: none */
    double allowance; /* bytes; below 0 after more was taken than there was */
    double counted;   /* when allowance was counted last */
};

/* Begins at time now with as much allowance as is kept at most: a quarter of a second's. */
void rate_init(struct rate *rate, int64_t limit, double now);

/* Whether bytes may be taken now, however many; if so, they are. What exceeds the allowance is waited for the next
 * time. */
bool rate_take(struct rate *rate, size_t bytes, double now);

/* Seconds until rate_take says yes; 0 when it does now. */
double rate_wait(const struct rate *rate, double now);

#endif
