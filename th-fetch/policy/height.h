/* Whether a picture is as high as it should be: pure functions. */
#ifndef TH_FETCH_POLICY_HEIGHT_H
#define TH_FETCH_POLICY_HEIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/* The lowest picture that is taken (--min-height). All zero: any. */
struct height_limit {
    int64_t pixels;
    bool is_listed; /* the height in the tube list is the limit */
};

/* Reads a number of pixels, or "listed". 0, or -1 and error. */
int height_read_limit(const char *text, struct height_limit *limit, struct error *error);

/* 0 when a picture of that height may be taken, otherwise -1 and error (low_quality). height and listed, the height in
 * the tube list, are in pixels; 0: not known. */
int height_check(const struct height_limit *limit, int64_t height, int64_t listed, struct error *error);

/* Whether the picture is lower than the one that the tube list was made from, as far as both are known. */
bool height_is_lower(int64_t height, int64_t listed);

#endif
